using Air.Orleans.Benchmarks;

var verbs = new Dictionary<string, Func<Task>>
{
    ["train"] = TrainBenchmark.RunAsync,
    ["scaler"] = ScalerBenchmark.RunAsync,
    ["serve"] = ServeBenchmark.RunAsync,
    ["start"] = StartBenchmark.RunAsync,
    ["leases"] = () => LeaseBenchmark.RunAsync(args.ElementAtOrDefault(1)),
    ["calls"] = CallsBenchmark.RunAsync,
    ["tls"] = TlsBenchmark.RunAsync,
    ["fuzz"] = () => FuzzBenchmark.RunAsync(args[1..]),
    ["checkpoint"] = CheckpointBenchmark.RunAsync,
    ["shipping"] = ShippingBenchmark.RunAsync,
    ["slots"] = SlotsBenchmark.RunAsync,
    ["blocks"] = BlocksBenchmark.RunAsync,
    ["recovery"] = RecoveryBenchmark.RunAsync,
    ["transfers"] = TransfersBenchmark.RunAsync,
    ["faults"] = () => FaultsBenchmark.RunAsync(args[1..]),
};
if (args is [CallsCluster.FarVerb, var cluster, var kind, var certs])
{
    await CallsCluster.RunFarAsync(cluster, kind == "air", certs);
    return 0;
}

if (args is [TransfersBenchmark.FarVerb, var address, var folder])
{
    await TransfersBenchmark.HoldAsync(address, folder);
    return 0;
}

if (args is [BlocksBenchmark.FarVerb, var blocksCluster, var name])
{
    await BlocksBenchmark.RunFarAsync(blocksCluster, name);
    return 0;
}

if (!verbs.TryGetValue(args.FirstOrDefault() ?? "", out var run))
{
    Console.Error.WriteLine($"usage: dotnet run -c Release --project bench -- {string.Join(" | ", verbs.Keys)}");
    return 2;
}

await run();
return Environment.ExitCode;
