using System.Security.Cryptography;
using Air.Orleans.Core.Storage;

namespace Air.Orleans.Core.Shipping.Code;

/// <summary>The parts of bundles in a silo's grain storage, by their hashes. May block. Thread-safe.</summary>
internal sealed class CodeStorage(IServiceProvider services)
{
    private readonly ByteStorage _storage = new(services, "air.code", GrainType.Create("air.core.code"));

    public Task WriteAsync(string part, ReadOnlyMemory<byte> content) => _storage.WriteAsync(part, content);

    public Task DeleteAsync(string part) => _storage.DeleteAsync(part);

    /// <summary>The length of a part; null where there is none.</summary>
    public Task<long?> ReadLengthAsync(string part) => _storage.ReadAsync(part, Memory<byte>.Empty);

    /// <summary>Reads a part, and checks it.</summary>
    /// <exception cref="ShippingException">It is not there, or not what was sent.</exception>
    public async Task ReadAsync(string part, Memory<byte> destination)
    {
        var length = await _storage.ReadAsync(part, destination);
        if (length is null)
        {
            throw new ShippingException(
                $"Part {part} of the code is not in the storage any more. Send the code again: connect anew, and run the program again."
            );
        }

        if (length != destination.Length || Convert.ToHexStringLower(SHA256.HashData(destination.Span)) != part)
        {
            throw new ShippingException(
                $"Part {part} of the code is not what was sent: it was changed in the storage. Delete the code ('air code delete'), and send "
                    + "it again."
            );
        }
    }
}
