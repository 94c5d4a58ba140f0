using WsPumps.History;
using WsPumps.Tests.History;

namespace WsPumps.Core.Tests.History;

public sealed class MemoryHistoryStoreTests : HistoryStoreContractTests
{
    protected override IHistoryStore Store { get; } = new MemoryHistoryStore(TimeProvider.System);
}
