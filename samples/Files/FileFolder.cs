namespace Files;

/// <summary>The files of one folder. One that is being stored has another name until it is there whole.</summary>
internal sealed class FileFolder
{
    private readonly string _folder;

    public FileFolder(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    public IEnumerable<string> Names => Directory.EnumerateFiles(_folder).Select(path => Path.GetFileName(path)).Where(IsName).Order();

    /// <returns>Null for what is no name of a file here: it comes from somebody else, and must not lead out of the folder.</returns>
    public string? PathOf(string name) => IsName(name) ? Path.Combine(_folder, name) : null;

    /// <returns>How many bytes there were.</returns>
    public async Task<long> StoreAsync(string name, Stream content, CancellationToken cancellationToken)
    {
        var part = Path.Combine(_folder, $".{Guid.NewGuid()}");
        try
        {
            await using (var file = File.Create(part))
            {
                // A connection that is lost makes this throw: half a file is never taken for a whole one.
                await content.CopyToAsync(file, cancellationToken);
            }

            File.Move(part, Path.Combine(_folder, name), overwrite: true);
            return new FileInfo(Path.Combine(_folder, name)).Length;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 200 && name[0] != '.' && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0;
}
