namespace Air.Orleans.Train.Control;

/// <summary>The states of a run. It goes from left to right, and back to Pending where its workers are lost.</summary>
[GenerateSerializer, Alias("air.train.TrainStatus")]
internal enum TrainStatus
{
    New,
    Preparing,
    Pending,
    Running,
    Succeeded,
    Stopped,
    Failed,
}

/// <summary>What follows from a state.</summary>
internal static class TrainStatusExtensions
{
    extension(TrainStatus status)
    {
        public bool HasEnded => status is TrainStatus.Succeeded or TrainStatus.Stopped or TrainStatus.Failed;
    }
}
