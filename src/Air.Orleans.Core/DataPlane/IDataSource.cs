namespace Air.Orleans.Core.DataPlane;

/// <summary>Something that keeps bytes under keys and moves them over the data plane: blocks, checkpoint shards.</summary>
internal interface IDataSource
{
    /// <summary>The first part of every key that this source answers for, such as "block".</summary>
    string Scheme { get; }

    /// <summary>Writes what is kept under <paramref name="key"/> to <paramref name="destination"/>.</summary>
    /// <exception cref="KeyNotFoundException">Nothing is kept under the key.</exception>
    Task SendAsync(string key, Stream destination, CancellationToken cancellationToken);

    /// <summary>Takes in the <paramref name="length"/> bytes of <paramref name="source"/> under the key.</summary>
    Task ReceiveAsync(string key, Stream source, long length, CancellationToken cancellationToken);
}
