using System.Net;
using Air.Orleans.Core.Security;
using Orleans.Messaging;

namespace Air.Orleans.Hosting;

/// <summary>Finds out why nobody answers at gateways that the membership names.</summary>
internal sealed class GatewayProbe(IGatewayListProvider list, ClusterSecurity security)
{
    private static readonly TimeSpan ListLimit = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NextLook = TimeSpan.FromSeconds(2);

    /// <summary>What a connection to each gateway meets with, all tried at once, in one line; and whether it is refused by all.</summary>
    public async Task<(string Why, bool IsRefused)> DescribeAsync()
    {
        try
        {
            var answers = await AskAsync(CancellationToken.None);
            return answers.Count == 0
                ? ("no silo is active there", false)
                : (string.Join("; ", answers.Select(static answer => answer.Text)), AreRefusals(answers));
        }
        catch (Exception error)
        {
            // The reason is wanted for a message only; whatever went wrong is the reason.
            return (error.Message.Split('\n')[0], false);
        }
    }

    /// <summary>
    /// Looks while a client connects, and ends when every gateway refuses it: no waiting makes that better. Otherwise it looks until it is
    /// cancelled.
    /// </summary>
    public async Task UntilRefusedAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        await Task.Delay(FirstLook, time, cancellationToken);
        while (true)
        {
            try
            {
                if (AreRefusals(await AskAsync(cancellationToken)))
                {
                    return;
                }
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                // The list cannot be read now; the client's own attempts go on meanwhile.
            }

            await Task.Delay(NextLook, time, cancellationToken);
        }
    }

    private static bool AreRefusals(IReadOnlyList<PeerAnswer> answers) =>
        answers.Count > 0 && answers.All(static answer => answer.Outcome == PeerOutcome.Refused);

    private async Task<IReadOnlyList<PeerAnswer>> AskAsync(CancellationToken cancellationToken)
    {
        await list.InitializeGatewayListProvider().WaitAsync(ListLimit, TimeProvider.System, cancellationToken);
        var gateways = await list.GetGateways().WaitAsync(ListLimit, TimeProvider.System, cancellationToken);
        var probe = new PeerProbe(security);
        return await Task.WhenAll(gateways.Select(gateway => probe.AskAsync(EndpointOf(gateway), cancellationToken)));
    }

    private static IPEndPoint EndpointOf(Uri gateway) => new(IPAddress.Parse(gateway.Host), gateway.Port);
}
