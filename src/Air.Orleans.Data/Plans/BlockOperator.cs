using Air.Orleans.Core.Shipping;
using Air.Orleans.Kernels.Columns;

namespace Air.Orleans.Data.Plans;

/// <summary>A step that needs to see one block alone. Operators that follow one another run as one piece of work.</summary>
[GenerateSerializer, Immutable, Alias("air.data.BlockOperator")]
internal abstract record BlockOperator
{
    /// <summary>How errors name it.</summary>
    public abstract string Label { get; }

    /// <summary>The schema that it leaves; null where only its result can tell.</summary>
    /// <exception cref="DatasetException">The input lacks what the operator needs.</exception>
    public abstract Schema? Apply(Schema input);

    /// <summary>The rows that it leaves. Runs on a compute slot.</summary>
    public abstract RecordBatch Apply(RecordBatch input, IServiceProvider services);

    /// <summary>The same step without where its code is: equal in whichever process it was described.</summary>
    public virtual BlockOperator WithoutBundle() => this;
}

/// <summary>Leaves out columns.</summary>
[GenerateSerializer, Immutable, Alias("air.data.DropColumns")]
internal sealed record DropColumnsOperator([property: Id(0)] string[] Names) : BlockOperator
{
    public override string Label => "DropColumns";

    public override Schema Apply(Schema input)
    {
        ColumnNames.Require(input, Names, Label);
        return new Schema(input.FieldsList.Where(field => !Names.Contains(field.Name)), null);
    }

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services) => BatchKernels.Drop(input, Names);
}

/// <summary>Keeps columns, in the order named.</summary>
[GenerateSerializer, Immutable, Alias("air.data.Select")]
internal sealed record SelectOperator([property: Id(0)] string[] Names) : BlockOperator
{
    public override string Label => "Select";

    public override Schema Apply(Schema input)
    {
        ColumnNames.Require(input, Names, Label);
        return new Schema(Names.Select(input.GetFieldByName), null);
    }

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services) =>
        BatchKernels.Select(input, Names);
}

/// <summary>Gives batches to a function of the user.</summary>
[GenerateSerializer, Immutable, Alias("air.data.MapBatches")]
internal sealed record MapBatchesOperator([property: Id(0)] ShippedObject Function, [property: Id(1)] int? BatchSize)
    : BlockOperator
{
    public override string Label => "MapBatches";

    public override BlockOperator WithoutBundle() => this with { Function = Function.WithoutBundle() };

    public override Schema? Apply(Schema input) => null;

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services)
    {
        using var shipped = services.GetRequiredService<ObjectShipper>().Open<Func<RecordBatch, RecordBatch>>(Function);
        var function = shipped.Value;
        if (BatchSize is not { } size || input.Length <= size)
        {
            return function(input)
                ?? throw new DatasetException("MapBatches: the function returned null, not a batch.");
        }

        var parts = new List<RecordBatch>();
        for (var start = 0; start < input.Length; start += size)
        {
            var part = BatchKernels.Slice(input, start, Math.Min(size, input.Length - start));
            parts.Add(
                function(part) ?? throw new DatasetException("MapBatches: the function returned null, not a batch.")
            );
        }

        return BatchKernels.Concat(parts);
    }
}

/// <summary>Keeps the rows for which a function of the user says so.</summary>
[GenerateSerializer, Immutable, Alias("air.data.Filter")]
internal sealed record FilterOperator([property: Id(0)] ShippedObject Function) : BlockOperator
{
    public override string Label => "Filter";

    public override BlockOperator WithoutBundle() => this with { Function = Function.WithoutBundle() };

    public override Schema Apply(Schema input) => input;

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services)
    {
        using var shipped = services.GetRequiredService<ObjectShipper>().Open<Func<DataRow, bool>>(Function);
        var keeps = shipped.Value;
        var mask = new bool[input.Length];
        for (var row = 0; row < mask.Length; row++)
        {
            mask[row] = keeps(new DataRow(input, row));
        }

        return BatchKernels.Filter(input, mask);
    }
}

/// <summary>Puts rows through a fitted preprocessor.</summary>
[GenerateSerializer, Immutable, Alias("air.data.Preprocess")]
internal sealed record PreprocessOperator([property: Id(0)] string PreprocessorJson) : BlockOperator
{
    public override string Label => "Preprocess";

    public override Schema Apply(Schema input) => Preprocessor.FromJson(PreprocessorJson).TransformSchema(input);

    public override RecordBatch Apply(RecordBatch input, IServiceProvider services) =>
        Preprocessor.FromJson(PreprocessorJson).Transform(input);
}
