namespace Air.Orleans.Silo.Running;

/// <summary>How the silo of this process is, for whoever asks at the admin port. Thread-safe.</summary>
internal sealed class SiloCondition
{
    private volatile IServiceProvider? _services;
    private volatile SiloPhase _phase;

    public SiloPhase Phase => _phase;

    /// <summary>The services of the silo while it is up or drains; null before and after.</summary>
    public IServiceProvider? Services => _services;

    public void Up(IServiceProvider services)
    {
        _services = services;
        _phase = SiloPhase.Up;
    }

    public void Draining() => _phase = SiloPhase.Draining;

    public void Stopped()
    {
        _services = null;
        _phase = SiloPhase.Stopped;
    }
}
