namespace Air.Orleans.Core;

/// <summary>What is wrong with a storage.</summary>
[GenerateSerializer, Alias("air.core.StorageFault")]
public enum StorageFault
{
    /// <summary>None of the others; the message has what the storage said.</summary>
    Other,

    /// <summary>It has no room left.</summary>
    Full,

    /// <summary>It forbids what was asked: a permission is missing, or it is read-only.</summary>
    Refused,

    /// <summary>What is stored is not what was written, or cannot be read as the type asked for.</summary>
    Damaged,

    /// <summary>It does not answer. This may pass: the same call may be made again.</summary>
    Unavailable,
}
