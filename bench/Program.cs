using Air.Orleans.Benchmarks;

switch (args.FirstOrDefault())
{
    case "train":
        await TrainBenchmark.RunAsync();
        return 0;
    case "scaler":
        await ScalerBenchmark.RunAsync();
        return 0;
    case "serve":
        await ServeBenchmark.RunAsync();
        return 0;
    case "start":
        await StartBenchmark.RunAsync();
        return 0;
    default:
        Console.Error.WriteLine("usage: dotnet run -c Release --project bench -- train | scaler | serve | start");
        return 2;
}
