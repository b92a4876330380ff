using Air.Orleans.Core;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>Names of blocks as text, so that processes can tell each other of them.</summary>
internal static class BlockText
{
    public static string Of(IAirCluster air, BlockRef block) =>
        Convert.ToBase64String(air.Services.GetRequiredService<Serializer>().SerializeToArray(block));

    public static BlockRef Read(IAirCluster air, string text) =>
        air.Services.GetRequiredService<Serializer>().Deserialize<BlockRef>(Convert.FromBase64String(text))!;
}
