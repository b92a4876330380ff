using System.Buffers.Binary;
using System.Text;

namespace Air.Orleans.Torch.Tests.Safetensors;

public sealed class SafetensorsTests
{
    [Fact]
    public void ToArray_TwoTensors_GivesTheBytesOfTheFormat()
    {
        var writer = new SafetensorsWriter();
        writer.Add("b", SafetensorsType.U8, [3], new byte[] { 7, 8, 9 });
        writer.Add("a", [1, 2], [1f, -2f]);
        writer.SetMetadata("format", "pt");

        var file = writer.ToArray();

        const string Json =
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}"""
            + ""","b":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}""";
        var headerBytes = (Json.Length + 7) / 8 * 8;
        Assert.Equal(headerBytes, BinaryPrimitives.ReadInt64LittleEndian(file));
        Assert.Equal(Json.PadRight(headerBytes), Encoding.UTF8.GetString(file, 8, headerBytes));
        Assert.Equal([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 7, 8, 9], file[(8 + headerBytes)..]);
    }

    [Fact]
    public void ToArray_OtherOrderOfAdding_GivesTheSameBytes()
    {
        var first = new SafetensorsWriter();
        first.SetMetadata("x", "1");
        first.SetMetadata("a", "2");
        first.Add("one", [1], [1f]);
        first.Add("two", SafetensorsType.I64, [], new byte[8]);
        var second = new SafetensorsWriter();
        second.Add("two", SafetensorsType.I64, [], new byte[8]);
        second.Add("one", [1], [1f]);
        second.SetMetadata("a", "2");
        second.SetMetadata("x", "1");

        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public async Task RoundTrip_EveryType_GivesEverythingBackAligned()
    {
        var writer = new SafetensorsWriter();
        var random = new Random(4);
        var expected = new Dictionary<string, byte[]>();
        foreach (var type in Enum.GetValues<SafetensorsType>())
        {
            var bytes = new byte[3 * 5 * 8];
            random.NextBytes(bytes);
            var elementBytes = type switch
            {
                SafetensorsType.Bool or SafetensorsType.U8 or SafetensorsType.I8 => 1,
                SafetensorsType.I16 or SafetensorsType.F16 or SafetensorsType.BF16 => 2,
                SafetensorsType.I32 or SafetensorsType.F32 => 4,
                _ => 8,
            };
            expected[$"{type} \"ä\n漢"] = bytes[..(3 * 5 * elementBytes)];
            writer.Add($"{type} \"ä\n漢", type, [3, 5], bytes.AsMemory(0, 3 * 5 * elementBytes));
        }

        writer.Add("empty", [0, 4], []);
        writer.Add("scalar", [], [2.5f]);
        writer.SetMetadata("note", "ü \"quoted\"");
        using var stream = new MemoryStream();
        await writer.WriteAsync(stream);
        Assert.Equal(writer.ToArray(), stream.ToArray());
        stream.Position = 0;

        var reader = await SafetensorsReader.ReadAsync(stream);

        Assert.Equal(12, reader.Entries.Count);
        Assert.Equal("ü \"quoted\"", reader.Metadata["note"]);
        foreach (var (name, bytes) in expected)
            Assert.Equal(bytes, reader.GetBytes(name).ToArray());
        Assert.Equal([2.5f], reader.GetFloats("scalar"));
        Assert.Empty(reader.GetFloats("empty"));
        Assert.True(reader.TryGetEntry("empty", out var empty));
        Assert.Equal([0, 4], empty.Shape);
        Assert.All(
            reader.Entries.Where(entry => entry.Type is SafetensorsType.F64 or SafetensorsType.I64),
            entry => Assert.Equal(0, entry.Offset % 8)
        );
        Assert.Throws<InvalidOperationException>(() => reader.GetFloats(expected.Keys.First()));
        var error = Assert.Throws<KeyNotFoundException>(() => reader.GetBytes("absent"));
        Assert.Contains("'scalar'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Add_NotFitting_IsRefused()
    {
        var writer = new SafetensorsWriter();
        writer.Add("a", [1], [1f]);

        Assert.Throws<ArgumentException>(() => writer.Add("a", [1], [1f]));
        Assert.Throws<ArgumentException>(() => writer.Add("__metadata__", [1], [1f]));
        Assert.Throws<ArgumentException>(() => writer.Add("c", [-1, -1], [1f]));
        var error = Assert.Throws<ArgumentException>(() => writer.Add("b", [2, 3], [1f]));
        Assert.Contains(
            "'b' of type F32 and shape (2, 3) has 24 bytes, but 4",
            error.Message,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "'t': F32 of shape (2)")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "'t': data_offsets [0, 4]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "'t': data_offsets [4, 0]")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "'t': 'data_offsets' has '-4'")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "'t': 'data_offsets' must be two")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1]}}""", 4, "'t': 'data_offsets' is missing")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "'t': 'shape' has '1.5'")]
    [InlineData("""{"t":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""", 4, "'t': 'shape' has")]
    [InlineData(
        """{"t":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,4]}}""",
        4,
        "'t': F32 of shape (4611686018427387905, 4)"
    )]
    [InlineData("""{"t":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}""", 4, "'t': dtype 'F31'")]
    [InlineData("""{"t":{"shape":[1],"data_offsets":[0,4]}}""", 4, "'t': 'dtype' is missing")]
    [InlineData("""{"t":[1]}""", 4, "'t': its description must be an object")]
    [InlineData("""{"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}""", 4, "4 data bytes, but its tensors end")]
    [InlineData("""{}""", 4, "4 data bytes, but its tensors end")]
    [InlineData(
        """{"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"u":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""",
        4,
        "'u' begins at byte 1, but the one before it ends at byte 3: they overlap"
    )]
    [InlineData(
        """{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"u":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}""",
        4,
        "'u' begins at byte 3, but the one before it ends at byte 1: the bytes between"
    )]
    [InlineData(
        """{"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        4,
        "'t' twice"
    )]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "'a' is Number")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "'a' twice")]
    [InlineData("""{"__metadata__":[]}""", 0, "must be an object of strings")]
    [InlineData("""{"t":""", 0, "not valid JSON")]
    [InlineData("""{"t":"\ud800"}""", 0, "must be an object")]
    [InlineData("""{"\ud800":{}}""", 0, "not valid JSON")]
    [InlineData("""[1]""", 0, "does not begin with '{'")]
    public void Constructor_Malformed_SaysWhichTensorAndWhy(string json, int dataBytes, string expected)
    {
        var error = Assert.Throws<FormatException>(() => new SafetensorsReader(FileOf(json, dataBytes)));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 1, 2, 3 }, "has 3 bytes")]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 0, 1 }, "only 1 follow")]
    [InlineData(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 }, "does not begin with '{'")]
    [InlineData(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 }, "18446744073709551615")]
    public void Constructor_BadLength_SaysWhatWasFound(byte[] file, string expected)
    {
        var error = Assert.Throws<FormatException>(() => new SafetensorsReader(file));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Constructor_AnyByteDamaged_ThrowsFormatExceptionOrReads()
    {
        var writer = new SafetensorsWriter();
        writer.Add("weight", [2, 2], [1f, 2f, 3f, 4f]);
        writer.Add("count", SafetensorsType.I64, [], new byte[8]);
        writer.SetMetadata("k", "v");
        var file = writer.ToArray();
        var random = new Random(8);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var damaged = file[..(round % 3 == 0 ? random.Next(file.Length) : file.Length)];
            for (var change = random.Next(1, 4); change > 0 && damaged.Length > 0; change--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                var reader = new SafetensorsReader(damaged);
                foreach (var entry in reader.Entries)
                    Assert.Equal(entry.ByteCount, reader.GetBytes(entry.Name).Length);
            }
            catch (FormatException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 5_000, 20_000);
    }

    private static byte[] FileOf(string json, int dataBytes)
    {
        var header = Encoding.UTF8.GetBytes(json);
        var file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        return file;
    }
}
