namespace Air.Orleans.Core.Silos;

/// <summary>The phases of a drain, from top to bottom; the parts of one run side by side.</summary>
internal enum DrainPhase
{
    /// <summary>Nothing new comes here.</summary>
    Closing,

    /// <summary>What is here goes elsewhere.</summary>
    Moving,

    /// <summary>What is left is told to end.</summary>
    Ending,
}
