using Air.Orleans.Core.Silos;
using Air.Orleans.Serve.Http;

namespace Air.Orleans.Serve.Hosting;

/// <summary>The HTTP endpoint of a silo that drains: it takes no new connection, and answers what it has.</summary>
internal sealed class IngressDrain(HttpIngress ingress) : IDrainPart
{
    public DrainPhase Phase => DrainPhase.Ending;

    public string Name => "HTTP";

    public IReadOnlyList<string> Held => [];

    public Task DrainAsync(CancellationToken limit) => ingress.DrainAsync(limit);
}
