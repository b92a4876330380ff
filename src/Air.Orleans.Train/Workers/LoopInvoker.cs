namespace Air.Orleans.Train.Workers;

/// <summary>Runs a loop whose parameters' type only it knows.</summary>
internal interface ILoopInvoker
{
    void Run(TrainContext context, string parametersJson);
}

/// <inheritdoc/>
internal sealed class LoopInvoker<TParameters>(ITrainLoop<TParameters> loop) : ILoopInvoker
{
    public void Run(TrainContext context, string parametersJson) =>
        loop.Run(context, ParametersJson.Read<TParameters>(parametersJson));
}
