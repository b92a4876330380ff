using Air.Orleans.Core.Runs;

namespace Air.Orleans.Tune.Tests.Cluster;

internal sealed record TestTrainable : ITrainable<TestParameters>
{
    public TestParameters Parameters { get; init; } = new();

    public byte[] Specification { get; init; } = [1];

    public string RunGrain { get; init; } = TestRunGrain.TypeName;

    public TrainableLaunch Prepare(IAirCluster cluster) =>
        new()
        {
            RunGrainType = GrainType.Create(RunGrain),
            Specification = Specification,
            Fingerprint = Convert.ToHexString(Specification),
            Resources = new ResourceSet { Cpu = 1 },
        };
}
