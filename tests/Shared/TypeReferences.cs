using System.Reflection;
using System.Reflection.Emit;

namespace WsPumps.Tests.Shared;

/// <summary>Which types of an assembly a type refers to: in its signatures, and in the code of its methods.</summary>
internal static class TypeReferences
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> Opcodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(opcode => opcode.Value & 0xFFFF);

    /// <returns>Outermost types, of the same assembly, without itself.</returns>
    public static HashSet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Visit(type.BaseType, found);
        foreach (var implemented in type.GetInterfaces())
            Visit(implemented, found);
        foreach (var field in type.GetFields(All))
            Visit(field.FieldType, found);
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
            Visit(method, found);
        return [.. found.Where(other => other.Assembly == type.Assembly).Select(Outermost).Where(other => other != Outermost(type))];
    }

    public static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    private static void Visit(MethodBase method, HashSet<Type> found)
    {
        foreach (var parameter in method.GetParameters())
            Visit(parameter.ParameterType, found);
        Visit((method as MethodInfo)?.ReturnType, found);
        if (method.GetMethodBody() is not { } body)
            return;

        foreach (var local in body.LocalVariables)
            Visit(local.LocalType, found);
        foreach (var clause in body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause))
            Visit(clause.CatchType, found);
        VisitCode(method, body.GetILAsByteArray()!, found);
    }

    private static void VisitCode(MethodBase method, byte[] code, HashSet<Type> found)
    {
        for (var at = 0; at < code.Length;)
        {
            var opcode = code[at] == 0xFE ? Opcodes[0xFE00 | code[at + 1]] : Opcodes[code[at]];
            at += opcode.Size;
            if (opcode.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                VisitToken(method, BitConverter.ToInt32(code, at), found);
            at += SizeOf(opcode.OperandType, code, at);
        }
    }

    private static void VisitToken(MethodBase method, int token, HashSet<Type> found)
    {
        var arguments = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var member = method.Module.ResolveMember(token, arguments, method.IsGenericMethod ? method.GetGenericArguments() : null);
        Visit(member as Type ?? member?.DeclaringType, found);
        if (member is MethodInfo { IsGenericMethod: true } generic)
            Array.ForEach(generic.GetGenericArguments(), argument => Visit(argument, found));
    }

    private static void Visit(Type? type, HashSet<Type> found)
    {
        if (type is null || type.IsGenericParameter)
            return;

        if (type.HasElementType)
        {
            Visit(type.GetElementType(), found);
            return;
        }

        if (type.IsConstructedGenericType)
            Array.ForEach(type.GetGenericArguments(), argument => Visit(argument, found));
        found.Add(type.IsGenericType ? type.GetGenericTypeDefinition() : type);
    }

    private static int SizeOf(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
        _ => 4,
    };
}
