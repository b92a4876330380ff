using Apache.Arrow.Ipc;

namespace Air.Orleans.Data.Execution;

/// <summary>What is known of a dataset before its rows are computed.</summary>
[GenerateSerializer, Immutable, Alias("air.data.DatasetLayout")]
internal sealed record DatasetLayout([property: Id(0)] byte[] SchemaBytes, [property: Id(1)] int BlockCount)
{
    public Schema Schema => SchemaCodec.Read(SchemaBytes);
}

/// <summary>A dataset whose blocks were all computed: what they are, not where, as that may change.</summary>
[GenerateSerializer, Immutable, Alias("air.data.MaterializedDataset")]
internal sealed record MaterializedDataset([property: Id(0)] byte[] SchemaBytes, [property: Id(1)] int[] BlockRows)
{
    public Schema Schema => SchemaCodec.Read(SchemaBytes);

    public long Rows => BlockRows.Sum(static rows => (long)rows);
}

/// <summary>Schemas in Arrow's own form.</summary>
internal static class SchemaCodec
{
    public static byte[] Write(Schema schema)
    {
        using var bytes = new MemoryStream();
        using (var writer = new ArrowStreamWriter(bytes, schema, leaveOpen: true))
        {
            writer.WriteStart();
            writer.WriteEnd();
        }

        return bytes.ToArray();
    }

    public static Schema Read(byte[] bytes)
    {
        using var reader = new ArrowStreamReader(bytes);
        return reader.Schema;
    }
}
