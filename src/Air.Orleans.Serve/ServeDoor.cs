using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Security;
using Air.Orleans.Core.Shipping;
using Air.Orleans.Serve.Grains;
using Air.Orleans.Serve.Http;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve;

/// <summary>Where models are served: <c>air.Serve</c>. Thread-safe.</summary>
public sealed class ServeDoor
{
    private readonly IAirCluster _cluster;

    internal ServeDoor(IAirCluster cluster) => _cluster = cluster;

    private IServeControllerGrain Controller =>
        _cluster.Services.GetRequiredService<IGrainFactory>().GetGrain<IServeControllerGrain>(0);

    private DeploymentRouter Router => _cluster.Services.GetRequiredService<DeploymentRouter>();

    /// <summary>
    /// Serves a model under a name: when the task ends, every replica has loaded it, and every HTTP endpoint of the cluster answers
    /// its route. Where the name is served already, the new version takes its place: its replicas are loaded first, then the traffic
    /// goes to them, and those of the version before end when they have answered what they had. No request is lost in between.
    /// </summary>
    /// <param name="deployment">What to serve, and how.</param>
    /// <param name="name">The deployment's name: letters, digits, '-', '_' and '.'.</param>
    /// <param name="cancellationToken">Ends the waiting; the cluster goes on with what was asked of it.</param>
    /// <returns>The endpoint; disposing it deletes this version of the deployment.</returns>
    /// <exception cref="ArgumentException">The name or a value of the deployment is out of range.</exception>
    /// <exception cref="ShippingException">The predictor holds what cannot travel.</exception>
    /// <exception cref="DeploymentException">
    /// The route is another deployment's, a replica cannot load the checkpoint (a version before goes on serving then), or the HTTP
    /// port is taken.
    /// </exception>
    public async Task<ServeEndpoint> RunAsync(
        PredictorDeployment deployment,
        string name,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(deployment);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var route = deployment.Route ?? "/" + name;
        DeploymentCheck.Require(deployment, name, route);
        var shipper = _cluster.Services.GetRequiredService<ObjectShipper>();
        var request = new DeploymentRequest(
            Guid.NewGuid(),
            name,
            route,
            deployment.Checkpoint.Manifest,
            shipper.Pack(deployment.Predictor, $"The predictor {deployment.Predictor.GetType().Name}"),
            [.. deployment.FeatureColumns],
            deployment.Replicas,
            deployment.MaxOngoingRequests,
            deployment.MaxBatchSize,
            deployment.Needs
        );
        // Where HTTP was wanted and cannot be had, nothing is deployed.
        _ = await OwnAddressAsync().WaitAsync(cancellationToken);
        var deployed = await GrainCalls.PollAsync(() => Controller.DeployAsync(request), cancellationToken);
        Router.Update(deployed.Table);
        return await EndpointAsync(deployed.Entry, deployed.Table, deployed.Ingress, deletesOnDispose: true);
    }

    /// <summary>Ends a deployment: when the task ends, its route is unknown and its replicas have answered what they had.</summary>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return (await GrainCalls.PollAsync(() => Controller.DeleteAsync(name, null), cancellationToken)).Existed;
    }

    /// <summary>The endpoint of a deployment that is served already; disposing it deletes nothing.</summary>
    /// <exception cref="DeploymentException">There is no deployment of that name.</exception>
    public async Task<ServeEndpoint> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var map = await Router.RefreshAsync().WaitAsync(cancellationToken);
        var deployment = map.ByName(name) ?? throw DeploymentHandles.Unknown(name, map);
        return await EndpointAsync(deployment.Entry, map.Table, null, deletesOnDispose: false);
    }

    /// <summary>All deployments with their replicas, by name.</summary>
    public async Task<IReadOnlyList<DeploymentStatus>> StatusAsync(CancellationToken cancellationToken = default) =>
        await GrainCalls.RetryAsync(() => Controller.StatusAsync(), cancellationToken);

    internal HttpClient CreateHttpClient() =>
        HttpSecurity.NewClient(_cluster.Services.GetRequiredService<ClusterSecurity>());

    internal async Task DeleteVersionAsync(string name, int version) =>
        await GrainCalls.PollAsync(() => Controller.DeleteAsync(name, version));

    /// <summary>The address of a route on every silo that takes HTTP now; that of this process first.</summary>
    internal async Task<IReadOnlyList<Uri>> UrlsAsync(string route, CancellationToken cancellationToken)
    {
        var own = await OwnAddressAsync().WaitAsync(cancellationToken);
        var table = await GrainCalls.RetryAsync(() => Controller.GetTableAsync(), cancellationToken);
        var addresses = table.Ingresses.Select(static ingress => new Uri(ingress));
        return [.. (own is null ? addresses : addresses.Prepend(own)).Distinct().Select(it => new Uri(it, route))];
    }

    /// <summary>The HTTP address is that of this process, where it has one; else of a silo with a replica, or of any.</summary>
    private async Task<ServeEndpoint> EndpointAsync(
        RoutingEntry entry,
        RoutingTable table,
        string? ingress,
        bool deletesOnDispose
    )
    {
        var own = await OwnAddressAsync();
        var address = own?.ToString() ?? ingress ?? table.Ingresses.FirstOrDefault();
        var url = address is null ? null : new Uri(new Uri(address), entry.Route);
        return new ServeEndpoint(this, Router, entry, url, deletesOnDispose);
    }

    private Task<Uri?> OwnAddressAsync() =>
        _cluster.Services.GetService<HttpIngress>()?.AddressAsync ?? Task.FromResult<Uri?>(null);
}
