namespace Air.Orleans.Core.DataPlane;

/// <summary>A source whose content lies in memory, so that any range of it can be sent as it is, several at the same time.</summary>
internal interface IMemorySource : IDataSource
{
    /// <summary>
    /// The content under <paramref name="key"/>, which stays where it is and as it is until the lease is disposed. Each range of a fetch
    /// opens it anew, so this should be cheap, and must be safe on the thread pool.
    /// </summary>
    /// <exception cref="KeyNotFoundException">Nothing is kept under the key.</exception>
    ValueTask<IMemoryLease> OpenAsync(string key, CancellationToken cancellationToken);
}

/// <summary>Content that is held in place for a reader until it disposes this.</summary>
internal interface IMemoryLease : IDisposable
{
    /// <summary>The bytes.</summary>
    ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>
    /// Tells this content from another one under the same key, such as a hash or a number given when it was put: the ranges of one fetch must
    /// have the same. 0 where what is under a key never changes.
    /// </summary>
    UInt128 Stamp => 0;
}
