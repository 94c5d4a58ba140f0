using System.Reflection;

namespace WsPumps.Docs.Tests;

/// <param name="Name">As in a configuration, with dots for colons.</param>
/// <param name="Property">The option itself.</param>
/// <param name="Holder">The property of the options that it is inside of; null for none.</param>
internal sealed record Option(string Name, PropertyInfo Property, PropertyInfo? Holder = null)
{
    public object? DefaultOf(object options) => Property.GetValue(Holder is null ? options : Holder.GetValue(options));
}
