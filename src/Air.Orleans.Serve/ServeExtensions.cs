namespace Air.Orleans.Serve;

/// <summary>Adds <c>air.Serve</c>.</summary>
public static class ServeExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>Where models are served.</summary>
        public ServeDoor Serve => new(air);
    }
}
