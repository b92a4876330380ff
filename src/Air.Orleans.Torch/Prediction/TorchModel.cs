using System.Runtime.InteropServices;
using Air.Orleans.Core;
using Air.Orleans.Kernels.Columns;
using Air.Orleans.Torch.Native;
using Apache.Arrow;
using Apache.Arrow.Types;
using TorchSharp;

namespace Air.Orleans.Torch.Prediction;

/// <summary>A loaded module in evaluation mode. Several threads may call it: a forward pass changes nothing in it.</summary>
internal sealed class TorchModel : IPredictionModel
{
    [ThreadStatic]
    private static bool _threadPrepared;

    private readonly torch.nn.Module<torch.Tensor, torch.Tensor> _module;
    private readonly Func<torch.Tensor, torch.Tensor>? _output;
    private readonly string _column;

    public TorchModel(
        torch.nn.Module<torch.Tensor, torch.Tensor> module,
        Func<torch.Tensor, torch.Tensor>? output,
        string column
    )
    {
        _module = module;
        _output = output;
        _column = column;
        module.eval();
    }

    public RecordBatch Predict(RecordBatch features)
    {
        if (!_threadPrepared)
        {
            TorchRuntime.UseThreads(1);
            _threadPrepared = true;
        }

        if (features.Length == 0)
        {
            return new RecordBatch(SchemaOf(FloatType.Default), [NewFloats([])], 0);
        }

        var matrix = Matrix(features);
        var width = ((FixedSizeListType)matrix.Data.DataType).ListSize;
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var input = torch.empty(features.Length, width); // (rows, features)
        FeatureMatrix.AsSpan(matrix).CopyTo(MemoryMarshal.Cast<byte, float>(input.bytes));
        return ToBatch(Forward(input, width), features.Length);
    }

    public void Dispose() => _module.Dispose();

    private torch.Tensor Forward(torch.Tensor input, int width)
    {
        try
        {
            var output = _module.forward(input);
            return _output is null ? output : _output(output);
        }
        catch (ExternalException error)
        {
            throw new AirException(
                $"The model cannot score rows of {width} features: {error.Message.Split('\n')[0]}. "
                    + "Give it the columns that it was trained on (FeatureColumns).",
                error
            );
        }
    }

    private RecordBatch ToBatch(torch.Tensor output, int rows)
    {
        if (output.shape.Length is not (1 or 2) || output.shape[0] != rows)
        {
            throw new AirException(
                $"The model gave a tensor of shape ({string.Join(", ", output.shape)}) for {rows} rows; it must be ({rows}) or ({rows}, k)."
            );
        }

        var plain = output.to_type(torch.ScalarType.Float32).contiguous();
        var bytes = plain.bytes.ToArray();
        var columns = output.shape.Length == 1 ? 1 : (int)output.shape[1];
        IArrowArray array = columns == 1 ? NewFloats(bytes) : FeatureMatrix.Wrap(bytes, rows, columns);
        return new RecordBatch(SchemaOf(array.Data.DataType), [array], rows);
    }

    /// <summary>The one column of vectors there is, or all columns side by side.</summary>
    private static FixedSizeListArray Matrix(RecordBatch features)
    {
        var vectors = features.Schema.FieldsList.Where(static column => column.DataType is FixedSizeListType).ToList();
        var names = (vectors.Count == 1 ? vectors : features.Schema.FieldsList).Select(static column => column.Name);
        try
        {
            return FeatureMatrix.Concatenate(features, [.. names]);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new AirException($"The model cannot score the rows: {error.Message}", error);
        }
    }

    private Schema SchemaOf(IArrowType type) => new([new Field(_column, type, nullable: false)], null);

    private static FloatArray NewFloats(byte[] bytes) =>
        new(new ArrowBuffer(bytes), ArrowBuffer.Empty, bytes.Length / sizeof(float), 0, 0);
}
