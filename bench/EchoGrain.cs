namespace Air.Orleans.Benchmarks;

/// <summary>Gives back what it was given.</summary>
[Alias("air.bench.IEchoGrain")]
internal interface IEchoGrain : IGrainWithStringKey
{
    [Alias("Echo")]
    Task<int> EchoAsync(int number);

    [Alias("Silo")]
    Task<string> SiloAsync();
}

/// <inheritdoc cref="IEchoGrain"/>
[GrainType("air.bench.echo")]
internal sealed class EchoGrain(ILocalSiloDetails silo) : Grain, IEchoGrain
{
    public Task<int> EchoAsync(int number) => Task.FromResult(number);

    public Task<string> SiloAsync() => Task.FromResult(silo.SiloAddress.ToString());
}
