using Air.Orleans.Torch;
using TorchSharp;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;
using Tensor = TorchSharp.torch.Tensor;

namespace Air.Orleans.Quickstart;

/// <summary>The training loop: it runs on every worker, each with its own part of the rows.</summary>
public sealed class CancerLoop : ITorchLoop<CancerParameters>
{
    // [loop]
    /// <inheritdoc/>
    public void Run(TorchContext context, CancerParameters parameters)
    {
        var train = context.Tensors("train", label: "target");
        var valid = context.Tensors("valid", label: "target");
        using var replica = context.Prepare(
            () => CancerModel.Create(parameters),
            new FlatAdam(parameters.LearningRate)
        );

        for (var epoch = context.Iteration; epoch < parameters.Epochs; epoch++)
        {
            foreach (var batch in train.ShuffledBatches(parameters.BatchSize, epoch))
            {
                replica.Step(() => Loss(replica.Module, batch)); // gradients are averaged over the workers
            }

            var metrics = replica.Evaluate(() => Score(context, replica.Module, valid));
            context.Report(metrics, replica.Checkpoint());
        }
    }

    private static Tensor Loss(Module<Tensor, Tensor> model, TensorBatch batch)
    {
        var logits = model.forward(batch.Features).squeeze(-1); // (B, 30) -> (B)
        return binary_cross_entropy_with_logits(logits, batch.Labels); // () nats per row
    }

    // [/loop]
    private static Dictionary<string, double> Score(
        TorchContext context,
        Module<Tensor, Tensor> model,
        TensorShard valid
    )
    {
        double loss = 0;
        double correct = 0;
        foreach (var batch in valid.Batches(256))
        {
            var logits = model.forward(batch.Features).squeeze(-1); // (B)
            loss += binary_cross_entropy_with_logits(logits, batch.Labels).ToDouble() * batch.Rows;
            correct += logits.gt(0).eq(batch.Labels.gt(0.5f)).sum().ToDouble();
        }

        var sums = context.Sum(loss, correct, valid.Rows); // over all workers
        return new() { ["loss"] = sums[0] / sums[2], ["accuracy"] = sums[1] / sums[2] };
    }
}
