using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace WsPumps.Tests.Package;

/// <summary>The public and protected members of an assembly as text, one a line, in an order of their own: what a change would break shows as a changed line.</summary>
internal sealed class PublicApi(Assembly assembly)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly NullabilityInfoContext _nullability = new();

    public string Describe() => string.Join('\n', assembly.GetExportedTypes().OrderBy(TypeNames.Declared, StringComparer.Ordinal).Select(Describe));

    private string Describe(Type type)
    {
        var lines = type.GetMembers(Declared).Where(IsPublicApi).Select(member => Describe(type, member)).Order(StringComparer.Ordinal);
        return $"{Header(type)}\n{string.Concat(lines.Select(line => $"    {line}\n"))}";
    }

    private static string Header(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            _ when type.IsSubclassOf(typeof(Delegate)) => "delegate",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var parents = type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) ? new[] { TypeNames.Of(parent) } : [];
        var interfaces = type.GetInterfaces().Except(inherited).Select(TypeNames.Of).Order(StringComparer.Ordinal);
        string[] bases = type.IsEnum ? [] : [.. parents, .. interfaces];
        return $"{kind} {TypeNames.Declared(type)}{(bases.Length > 0 ? $" : {string.Join(", ", bases)}" : "")}";
    }

    private string Describe(Type type, MemberInfo member) => member switch
    {
        FieldInfo field when type.IsEnum => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo field => $"{(field.IsLiteral ? "const" : field.IsStatic ? "static readonly" : "field")} {TypeNames.Of(_nullability.Create(field))} {field.Name}"
            + (field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : ""),
        ConstructorInfo constructor => $"{Access(constructor)}{type.Name.Split('`')[0]}({Parameters(constructor)})",
        PropertyInfo property => $"{(property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "")}{Access(property.GetMethod ?? property.SetMethod!)}{TypeNames.Of(_nullability.Create(property))} {property.Name} {{ {Accessors(property)}}}",
        EventInfo @event => $"{Access(@event.AddMethod!)}event {TypeNames.Of(_nullability.Create(@event))} {@event.Name}",
        MethodInfo method => $"{Access(method)}{Return(method)} {method.Name}{Generic(method)}({Parameters(method)})",
        _ => member.ToString()!,
    };

    private static string Access(MethodBase method) =>
        (method.IsFamily || method.IsFamilyOrAssembly ? "protected " : "")
        + (method.IsStatic ? "static " : "")
        + (method.DeclaringType!.IsInterface || method is ConstructorInfo ? "" : method.IsAbstract ? "abstract " : !method.IsVirtual || method.IsFinal ? ""
            : ((MethodInfo)method).GetBaseDefinition() != method ? "override " : "virtual ");

    private static string Accessors(PropertyInfo property) =>
        (property.GetMethod is { } get && IsPublicApi(get) ? "get; " : "")
        + (property.SetMethod is { } set && IsPublicApi(set) ? set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init; " : "set; " : "");

    private string Return(MethodInfo method) =>
        (method.ReturnType.IsByRef ? "ref " : "") + TypeNames.Of(_nullability.Create(method.ReturnParameter));

    private static string Generic(MethodInfo method) => method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select((parameter, i) =>
        (i == 0 && method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "")
        + (parameter.IsOut ? "out " : parameter.IsIn && parameter.ParameterType.IsByRef ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")
        + (parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute)) ? "params " : "")
        + $"{TypeNames.Of(_nullability.Create(parameter))} {parameter.Name}"
        + (parameter.HasDefaultValue ? $" = {Literal(parameter.DefaultValue, parameter.ParameterType)}" : "")));

    private static string Literal(object? value, Type? type = null) => value switch
    {
        null => type is { IsValueType: true } && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        Enum => $"{TypeNames.Of(value.GetType())}.{value}",
        _ when type is { IsEnum: true } => $"{TypeNames.Of(type)}.{Enum.ToObject(type, value)}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static bool IsPublicApi(MemberInfo member) => !member.IsDefined(typeof(CompilerGeneratedAttribute)) && member switch
    {
        FieldInfo field => field.IsPublic && !field.IsSpecialName || field.IsFamily,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsVisible),
        EventInfo @event => IsVisible(@event.AddMethod!),
        MethodInfo method => IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)),
        MethodBase method => IsVisible(method),
        _ => false,
    };

    private static bool IsPublicApi(MethodBase method) => IsVisible(method);

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
