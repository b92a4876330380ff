using Air.Orleans.Core;
using Air.Orleans.Kernels.Numerics;
using Air.Orleans.Torch.Training;
using Air.Orleans.Train;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>
/// One worker's replica of a model in data-parallel training: the module, its weights and gradients as flat spans, and the optimizer. After
/// every step all replicas have the same bits. Used by the worker's own thread alone.
/// </summary>
/// <typeparam name="TModule">The module.</typeparam>
public sealed class TorchReplica<TModule> : IDisposable
    where TModule : torch.nn.Module
{
    private readonly TrainContext _worker;
    private long _steps;

    internal TorchReplica(TrainContext worker, TModule module, FlatOptimizer optimizer)
    {
        _worker = worker;
        Module = module;
        Optimizer = optimizer;
        Parameters = new FlatParameters(module);
        if (worker.Checkpoint is { } checkpoint)
        {
            ModuleState.Load(module, checkpoint.Read(TorchFiles.Model));
            OptimizerState.Load(optimizer, checkpoint.Read(TorchFiles.Optimizer));
        }

        worker.Broadcast(Parameters.Weights);
    }

    /// <summary>The module.</summary>
    public TModule Module { get; }

    /// <summary>Its trainable parameters and gradients as spans.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>The optimizer.</summary>
    public FlatOptimizer Optimizer { get; }

    /// <summary>The largest norm that the gradients, averaged over the workers, may have; they are scaled down to it.</summary>
    /// <value>Null: no limit.</value>
    public double? MaxGradientNorm { get; set; }

    /// <summary>
    /// One step of training: computes the loss, its gradients, their average over all workers, and moves the weights. All tensors that
    /// are made on the way are freed.
    /// </summary>
    /// <param name="loss">Gives the mean loss of this worker's batch, a tensor of one element.</param>
    /// <returns>The loss on this worker's batch.</returns>
    /// <exception cref="OperationCanceledException">The run was stopped, or another worker failed.</exception>
    public double Step(Func<torch.Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(loss);
        Parameters.ZeroGradients();
        double value;
        using (torch.NewDisposeScope())
        {
            var tensor = loss();
            tensor.backward();
            value = tensor.ToDouble();
        }

        if (_steps++ == 0)
        {
            Parameters.VerifyViews();
        }

        var gradients = Parameters.Gradients;
        if (_worker.WorldSize > 1)
        {
            _worker.AllReduceSum(gradients);
            Reduction.Scale(gradients, 1f / _worker.WorldSize);
        }

        if (MaxGradientNorm is { } limit)
        {
            GradientClipping.ByNorm(gradients, limit);
        }

        Optimizer.Step(Parameters.Weights, gradients);
        return value;
    }

    /// <summary>Runs a function without gradients, with the module in evaluation mode, and frees what it makes.</summary>
    public T Evaluate<T>(Func<T> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var training = Module.training;
        Module.eval();
        try
        {
            return function();
        }
        finally
        {
            Module.train(training);
        }
    }

    /// <summary>The files of a checkpoint: the module's state and the optimizer's, as safetensors. Null on all workers but worker 0.</summary>
    public CheckpointContent? Checkpoint() =>
        _worker.Rank != 0
            ? null
            : new CheckpointContent()
                .With(TorchFiles.Model, ModuleState.Save(Module))
                .With(TorchFiles.Optimizer, OptimizerState.Save(Optimizer));

    /// <summary>Frees the module and the flat buffers.</summary>
    public void Dispose()
    {
        Parameters.Dispose();
        Module.Dispose();
    }
}
