using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Air.Orleans.Core.Shipping;

/// <summary>
/// Reads the code of a lambda to learn which captured variables it touches. The compiler puts all captured variables of a
/// scope into one closure object, so without this a lambda would drag along what only its neighbours use.
/// </summary>
internal static class ClosureScan
{
    private const BindingFlags AllMethods =
        BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    /// <summary>Whether the compiler made this type to hold captured variables.</summary>
    public static bool IsClosure(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && type.Name.StartsWith("<>c", StringComparison.Ordinal);

    /// <summary>What identifies a field, in whichever instantiation of its generic type.</summary>
    public static (Type, string) Key(FieldInfo field)
    {
        var type = field.DeclaringType!;
        return (type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type, field.Name);
    }

    /// <summary>The name that the user gave to what the field holds.</summary>
    public static string DisplayName(FieldInfo field) =>
        field.Name switch
        {
            "<>4__this" => "this",
            var name when name.StartsWith("CS$<>", StringComparison.Ordinal) => "captured",
            ['<', .. var rest] when rest.Contains('>') => rest[..rest.IndexOf('>')],
            var name => name,
        };

    /// <summary>Adds the closure fields that <paramref name="method"/>, and what it calls inside its closure, touches.</summary>
    public static void AddTouchedFields(MethodBase method, HashSet<(Type, string)> touched)
    {
        var seen = new HashSet<MethodBase>();
        var pending = new Stack<MethodBase>([method]);
        while (pending.TryPop(out var next))
        {
            if (seen.Add(next))
            {
                Scan(next, touched, pending);
            }
        }
    }

    private static void Scan(MethodBase method, HashSet<(Type, string)> touched, Stack<MethodBase> pending)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
        {
            return;
        }

        foreach (var token in Tokens(code))
        {
            switch (Resolve(method, token))
            {
                case FieldInfo field:
                    touched.Add(Key(field));
                    break;
                case ConstructorInfo { DeclaringType: { } made } when IsOfCompiler(made):
                    Array.ForEach(made.GetMethods(AllMethods), pending.Push);
                    break;
                case MethodInfo called when IsOfCompiler(called.DeclaringType) || called.Name.StartsWith('<'):
                    pending.Push(called);
                    Array.ForEach(StateMachineMethods(called), pending.Push);
                    break;
            }
        }

        Array.ForEach(StateMachineMethods(method), pending.Push);
    }

    private static MethodInfo[] StateMachineMethods(MethodBase method) =>
        method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType.GetMethods(AllMethods) ?? [];

    private static bool IsOfCompiler(Type? type) => type is not null && type.Name.Contains('<');

    private static MemberInfo? Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        try
        {
            return method.Module.ResolveMember(token, ofType, ofMethod);
        }
        catch (Exception error)
            when (error
                    is ArgumentException
                        or BadImageFormatException
                        or TypeLoadException
                        or MissingMemberException
                        or IOException
            )
        {
            // Of a library that is not here, and so nothing that the closure holds.
            return null;
        }
    }

    /// <summary>The metadata tokens of fields and methods that the instructions of <paramref name="code"/> name.</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        var position = 0;
        while (position < code.Length)
        {
            var value = code[position] == 0xFE ? unchecked((short)(0xFE00 | code[++position])) : (short)code[position];
            position++;
            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok)
            {
                yield return BitConverter.ToInt32(code, position);
            }

            position += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, position)),
                _ => 4,
            };
        }
    }
}
