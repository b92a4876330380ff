using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Air.Orleans.Core;
using Air.Orleans.Data;
using Air.Orleans.Quickstart;
using Air.Orleans.Serve;
using Air.Orleans.Torch;
using Air.Orleans.Train;
using TorchSharp;

namespace Air.Orleans.Benchmarks;

/// <summary>A served prediction through HTTP and a replica grain beside bare Kestrel with the same module inline; 16 connections.</summary>
internal static class ServeBenchmark
{
    private const int Connections = 16;
    private const int Rounds = 5;
    private static readonly TimeSpan RoundTime = TimeSpan.FromSeconds(2);

    public static async Task RunAsync()
    {
        Report.Head("serve");
        await using var air = await AirCluster.StartLocalAsync(new() { StorageFolder = Report.Folder() });
        var file = Path.Combine(AppContext.BaseDirectory, "data", "breast_cancer.csv");
        var data = air.Data.ReadCsv(file);
        var scaler = new StandardScaler { Exclude = ["target"] };
        var trainer = new TorchTrainer<CancerParameters>(new CancerLoop())
        {
            Parameters = new() { Epochs = 3 },
            Datasets = { ["train"] = data, ["valid"] = data },
            Preprocessor = new Chain(scaler, new Concatenator { Exclude = ["target"] }),
        };
        var checkpoint = (await air.FitAsync(trainer)).Checkpoint!;
        var predictor = new TorchPredictor<CancerParameters>(CancerModel.Create)
        {
            Output = logits => logits.sigmoid(),
        };
        await using var endpoint = await air.Serve.RunAsync(
            PredictorDeployment.From(checkpoint, predictor) with
            {
                Replicas = 2,
                Route = "/cancer",
            },
            "cancer"
        );
        var row = (await data.DropColumns("target").TakeAsync(1))[0];
        var names = row.Columns.ToArray();
        var body = JsonSerializer.Serialize(names.ToDictionary(name => name, name => row.Get<double>(name)));
        var fitted = (StandardScaler)await scaler.FitAsync(data);
        await using var bare = await StartBareAsync(fitted, await checkpoint.ReadAsync());
        var bareUrl = new Uri(bare.Urls.First() + "/cancer");

        var (bareRates, ourRates) = (
            new List<(double Rate, double P50, double P99)>(),
            new List<(double Rate, double P50, double P99)>()
        );
        for (var round = 0; round <= Rounds; round++)
        {
            var first = await LoadAsync(bareUrl, body);
            var second = await LoadAsync(endpoint.Url!, body);
            if (round > 0)
            {
                bareRates.Add(first);
                ourRates.Add(second);
            }
        }

        Console.WriteLine(
            $"{Connections} connections, one row of 30 named features a request, load from the same process; medians of {Rounds} rounds of {RoundTime.TotalSeconds} s, in turns."
        );
        Console.WriteLine();
        Console.WriteLine("| | requests/s | p50, ms | p99, ms | ratio |");
        Console.WriteLine("|---|---|---|---|---|");
        Print("bare Kestrel, scaling and the module inline", bareRates, bareRates);
        Print("served: HTTP, router, replica, preprocessor, module", ourRates, bareRates);

        static void Print(
            string what,
            List<(double Rate, double P50, double P99)> ours,
            List<(double Rate, double P50, double P99)> bare
        ) =>
            Console.WriteLine(
                $"| {what} | {Report.Median(ours.Select(static r => r.Rate)):F0} | {Report.Median(ours.Select(static r => r.P50)):F2} | "
                    + $"{Report.Median(ours.Select(static r => r.P99)):F2} | {Report.Median(ours.Select(static r => r.Rate)) / Report.Median(bare.Select(static r => r.Rate)):F2} |"
            );
    }

    private static async Task<WebApplication> StartBareAsync(StandardScaler scaler, CheckpointContent checkpoint)
    {
        TorchNative.EnsureLoaded();
        var module = CancerModel.Create(new());
        ModuleState.Load(module, checkpoint.Read("model.safetensors"));
        module.eval();
        var scales = scaler.Scales!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPost(
            "/cancer",
            async (HttpContext context) =>
            {
                var row = await JsonSerializer.DeserializeAsync<Dictionary<string, double>>(context.Request.Body);
                var features = new float[scales.Count];
                for (var i = 0; i < features.Length; i++)
                {
                    features[i] = (float)((row![scales[i].Column] - scales[i].Mean) / scales[i].Divisor);
                }

                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync($"{{\"predictions\":[{Predict(module, features)}]}}");
            }
        );
        await app.StartAsync();
        return app;
    }

    private static double Predict(torch.nn.Module<torch.Tensor, torch.Tensor> module, float[] features)
    {
        torch.set_num_threads(1);
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        return module.forward(torch.tensor(features, [1, features.Length])).sigmoid().ToDouble();
    }

    private static async Task<(double Rate, double P50, double P99)> LoadAsync(Uri url, string body)
    {
        var request = Encoding.UTF8.GetBytes(
            $"POST {url.AbsolutePath} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"
        );
        var watch = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(
            Enumerable.Range(0, Connections).Select(_ => Task.Run(() => ConnectionAsync(url, request, watch)))
        );
        var seconds = watch.Elapsed.TotalSeconds;
        var all = latencies.SelectMany(static one => one).Order().ToList();
        return (all.Count / seconds, all[all.Count / 2], all[(int)(all.Count * 0.99)]);
    }

    private static async Task<List<double>> ConnectionAsync(Uri url, byte[] request, Stopwatch watch)
    {
        using var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, url.Port);
        await using var stream = client.GetStream();
        var buffer = new byte[16 * 1024];
        var latencies = new List<double>();
        while (watch.Elapsed < RoundTime)
        {
            var start = Stopwatch.GetTimestamp();
            await stream.WriteAsync(request);
            var have = 0;
            while (!IsWhole(buffer.AsSpan(0, have)))
            {
                var read = await stream.ReadAsync(buffer.AsMemory(have));
                have += read > 0 ? read : throw new IOException("The server closed the connection.");
            }

            latencies.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return latencies;
    }

    /// <summary>The answer is whole when its JSON or its last chunk has come.</summary>
    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        if (!answer.StartsWith("HTTP/1.1 200"u8))
        {
            throw new InvalidOperationException(Encoding.UTF8.GetString(answer));
        }

        return answer[..head].IndexOf("chunked"u8) >= 0 ? answer.EndsWith("0\r\n\r\n"u8) : answer.EndsWith("}"u8);
    }
}
