using Air.Orleans.Core.Shipping;

namespace Air.Orleans.Core.Resilience;

/// <summary>
/// Calls of Air.Orleans that somebody else cancelled are told as lost ones. No grain of it takes a token and none answers with a cancellation:
/// Orleans cancels calls of its own (a look into the grain directory) as it learns that a silo was lost, and hands that to the caller of
/// the grain. Taken for the caller's own wish to end it would go past all that tries again, and end loops that must not end.
/// </summary>
internal sealed class CancelledCalls : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (OperationCanceledException error) when (IsOurs(context.InterfaceMethod?.DeclaringType))
        {
            throw new SiloUnavailableException(
                $"The call of {context.InterfaceName}.{context.MethodName} was cancelled on its way, as the silos of the cluster changed.",
                error
            );
        }
    }

    private static bool IsOurs(Type? type) => Border.IsLibrary(type?.Assembly.GetName().Name ?? "");
}
