using Air.Orleans.Kernels.Columns;
using Air.Orleans.Train;
using Apache.Arrow;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>
/// A worker's rows of a dataset as tensors of 32-bit floats. The tensors of a batch are written anew for the next one, so a batch is
/// used up before the next is asked for. Used by the worker's own thread alone.
/// </summary>
public sealed class TensorShard
{
    private readonly DatasetShard _shard;
    private readonly FixedSizeListArray _features;
    private readonly float[]? _labels;

    internal TensorShard(DatasetShard shard, string features, string? label)
    {
        _shard = shard;
        var rows = shard.All();
        try
        {
            _features = FeatureMatrix.Concatenate(rows, [features]);
            Width = ((Apache.Arrow.Types.FixedSizeListType)_features.Data.DataType).ListSize;
            _labels = label is null ? null : Floats(rows, label);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new TrainingException($"dataset '{shard.Name}': {error.Message}", error);
        }
    }

    /// <summary>How many rows this worker has.</summary>
    public int Rows => _shard.Rows;

    /// <summary>How many features a row has.</summary>
    public int Width { get; }

    /// <summary>How many steps an epoch of <see cref="ShuffledBatches"/> has; the same on every worker.</summary>
    public int StepCount(int batchSize) => _shard.StepCount(batchSize);

    /// <summary>The rows in the dataset's order, each once; the last batch may be shorter. For evaluation.</summary>
    public IEnumerable<TensorBatch> Batches(int batchSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var order = new int[Rows];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        return Cut(order, batchSize);
    }

    /// <summary>The rows shuffled anew for each epoch from the run's seed, in as many batches on every worker.</summary>
    /// <exception cref="TrainingException">This worker has no row at all.</exception>
    public IEnumerable<TensorBatch> ShuffledBatches(int batchSize, int epoch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Cut(_shard.ShuffledOrder(epoch), batchSize);
    }

    private IEnumerable<TensorBatch> Cut(int[] order, int batchSize)
    {
        var size = Math.Min(batchSize, Math.Max(1, order.Length));
        using var features = Owned(torch.empty(size, Width)); // (B, F)
        using var labels = Owned(torch.empty(size)); // (B)
        for (var from = 0; from < order.Length; from += size)
        {
            var count = Math.Min(size, order.Length - from);
            Fill(features, labels, order.AsSpan(from, count));
            if (count == size)
            {
                yield return new TensorBatch(features, labels, count);
            }
            else
            {
                using var lastFeatures = Owned(features.narrow(0, 0, count));
                using var lastLabels = Owned(labels.narrow(0, 0, count));
                yield return new TensorBatch(lastFeatures, lastLabels, count);
            }
        }
    }

    private void Fill(torch.Tensor features, torch.Tensor labels, ReadOnlySpan<int> rows)
    {
        var matrix = FeatureMatrix.AsSpan(_features);
        var cells = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(features.bytes);
        RowCopy.Gather(matrix, Width, rows, cells[..(rows.Length * Width)]);
        if (_labels is not null)
        {
            var targets = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(labels.bytes);
            for (var i = 0; i < rows.Length; i++)
            {
                targets[i] = _labels[rows[i]];
            }
        }
    }

    /// <summary>Batches are made inside the steps' dispose scopes and outlive them.</summary>
    private static torch.Tensor Owned(torch.Tensor tensor) => tensor.DetachFromDisposeScope();

    private static float[] Floats(RecordBatch rows, string column)
    {
        var index = rows.Schema.GetFieldIndex(column);
        if (index < 0)
        {
            var names = string.Join(", ", rows.Schema.FieldsList.Select(static known => $"'{known.Name}'"));
            throw new ArgumentException($"label column '{column}' is not in the rows (columns: {names}).");
        }

        var array = rows.Column(index);
        if (array.NullCount > 0)
        {
            throw new ArgumentException(
                $"label column '{column}' has {array.NullCount} nulls; every row needs a label. Filter them out."
            );
        }

        var doubles = new double[rows.Length];
        ColumnMath.ToDoubles(array, doubles, column);
        return System.Array.ConvertAll(doubles, static value => (float)value);
    }
}

/// <summary>Rows as tensors, valid until the next batch is asked for.</summary>
/// <param name="Features">The features, (rows, features).</param>
/// <param name="Labels">The labels, (rows); arbitrary where no label was named.</param>
/// <param name="Rows">How many rows.</param>
public readonly record struct TensorBatch(torch.Tensor Features, torch.Tensor Labels, int Rows);
