namespace WsPumps.Core.Tests.Compression;

[CollectionDefinition(nameof(BombTests), DisableParallelization = true)]
public sealed class BombCollection;
