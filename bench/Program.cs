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
    case "calls":
        await CallsBenchmark.RunAsync();
        return 0;
    case CallsCluster.FarVerb:
        await CallsCluster.RunFarAsync(args[1], args[2] == "air");
        return 0;
    default:
        Console.Error.WriteLine(
            "usage: dotnet run -c Release --project bench -- train | scaler | serve | start | calls"
        );
        return 2;
}
