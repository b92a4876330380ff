using System.Runtime.CompilerServices;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core.Shipping;

/// <summary>An object that was unpacked, and the use of the code that came with it, which ends when this is disposed.</summary>
internal sealed class Unpacked<T>(T value, CodeLease? code) : IDisposable
    where T : class
{
    private static readonly ConditionalWeakTable<object, Holder> Holders = [];

    /// <summary>The object.</summary>
    public T Value => value;

    /// <summary>Leaves the end of the use to <paramref name="owner"/>: the code stays loaded for as long as that object lives.</summary>
    public void HeldBy(object owner)
    {
        if (code is not null)
        {
            Holders.Add(owner, new Holder(code));
        }
    }

    public void Dispose() => code?.Dispose();

    private sealed class Holder(CodeLease code)
    {
        ~Holder() => code.Dispose();
    }
}
