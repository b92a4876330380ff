namespace Air.Orleans.Silo.Running;

/// <summary>Where a silo is between its start and its end; it goes from top to bottom.</summary>
internal enum SiloPhase
{
    Starting,
    Up,
    Draining,
    Stopped,
}
