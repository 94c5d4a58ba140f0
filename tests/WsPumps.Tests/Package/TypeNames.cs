using System.Reflection;

namespace WsPumps.Tests.Package;

/// <summary>Types as they are written in C#, with the nullability of references.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    /// <summary>A type in its own declaration: with its outer types and the names of its parameters.</summary>
    public static string Declared(Type type) => $"{type.Namespace}.{Nested(type)}{Arguments(type.GetGenericArguments().Select(argument => argument.Name))}";

    public static string Of(NullabilityInfo info)
    {
        var type = info.Type;
        if (type.IsByRef)
            type = type.GetElementType()!;
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Of(value)}?";

        var name = type.IsArray ? $"{(info.ElementType is { } element ? Of(element) : Of(type.GetElementType()!))}[]"
            : type.IsGenericType && info.GenericTypeArguments.Length == type.GetGenericArguments().Length ? Nested(type) + Arguments(info.GenericTypeArguments.Select(Argument))
            : Of(type);
        var canBeNull = info.ReadState is NullabilityState.Nullable || info.WriteState is NullabilityState.Nullable;
        return canBeNull && !type.IsValueType ? $"{name}?" : name;
    }

    /// <summary>Reflection calls every type parameter nullable that could stand for a nullable type.</summary>
    private static string Argument(NullabilityInfo info) => info.Type.IsGenericParameter ? info.Type.Name : Of(info);

    public static string Of(Type type) => type switch
    {
        _ when Keywords.TryGetValue(type, out var keyword) => keyword,
        { IsGenericParameter: true } => type.Name,
        { IsArray: true } => $"{Of(type.GetElementType()!)}[]",
        { IsByRef: true } => Of(type.GetElementType()!),
        _ => Nested(type) + Arguments(type.GetGenericArguments().Select(Of)),
    };

    private static string Nested(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type.IsNested ? $"{Nested(type.DeclaringType!)}.{name}" : name;
    }

    private static string Arguments(IEnumerable<string> names) => names.Any() ? $"<{string.Join(", ", names)}>" : "";
}
