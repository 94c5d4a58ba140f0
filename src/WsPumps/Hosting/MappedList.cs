using System.Collections.ObjectModel;

namespace WsPumps.Hosting;

/// <summary>A list that can be changed until its endpoint is mapped.</summary>
internal sealed class MappedList<T>(Mapping mapping) : Collection<T>
{
    protected override void InsertItem(int index, T item) => base.InsertItem(index, mapping.Open(item));

    protected override void SetItem(int index, T item) => base.SetItem(index, mapping.Open(item));

    protected override void RemoveItem(int index) => base.RemoveItem(mapping.Open(index));

    protected override void ClearItems()
    {
        mapping.ThrowIfEnded();
        base.ClearItems();
    }
}
