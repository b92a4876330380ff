namespace Air.Orleans.Core;

/// <summary>Adds <c>air.Silos</c>.</summary>
public static class SilosExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>The silos of the cluster: which are up, and how to stop one.</summary>
        public SilosDoor Silos => new(air);
    }
}
