using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Air.Orleans.Tests;

namespace Air.Orleans.Cluster.Tests.WebApp;

/// <summary>The sample application, as a process of its own from its own folder.</summary>
internal sealed partial class WebApplication : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private WebApplication(Process process) => _process = process;

    /// <summary>Its folder, as it was built.</summary>
    public static string Folder { get; } =
        Path.Combine(
            Repository.Root,
            "client",
            "webapp",
            "bin",
            // bin/CONFIGURATION/FRAMEWORK/, as these tests.
            Path.GetRelativePath(
                Path.Combine(AppContext.BaseDirectory, "..", ".."),
                AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)
            )
        );

    public static string Assembly => Path.Combine(Folder, "Air.Orleans.WebApp.dll");

    public HttpClient Http { get; private set; } = null!;

    public static async Task<WebApplication> StartAsync(string cluster, params (string Key, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Folder,
            ArgumentList = { Assembly, "--Urls=http://127.0.0.1:0" },
            Environment = { ["AIR_CLUSTER"] = cluster },
        };
        foreach (var (key, value) in settings)
        {
            start.ArgumentList.Add($"--{key}={value}");
        }

        var application = new WebApplication(new Process { StartInfo = start });
        application._process.OutputDataReceived += (_, line) => application.Read(line.Data);
        application._process.ErrorDataReceived += (_, line) => application.Read(line.Data);
        application._process.Start();
        application._process.BeginOutputReadLine();
        application._process.BeginErrorReadLine();
        try
        {
            var address = await application._listening.Task.WaitAsync(SiloProcess.StartLimit);
            application.Http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
            return application;
        }
        catch (Exception error)
        {
            await application.DisposeAsync();
            throw new InvalidOperationException($"The application did not come up:\n{application.Output}", error);
        }
    }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return string.Join('\n', _output);
            }
        }
    }

    /// <summary>Asks until the answer has that status, and gives how it read.</summary>
    public async Task<JsonElement> UntilAsync(HttpStatusCode status, Func<HttpClient, Task<HttpResponseMessage>> ask)
    {
        using var limit = new CancellationTokenSource(SiloProcess.StartLimit);
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            using var answer = await ask(Http);
            if (answer.StatusCode == status)
            {
                return await answer.Content.ReadFromJsonAsync<JsonElement>(limit.Token);
            }

            // The application answers at once while the cluster is away.
            await Task.Delay(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http?.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
        {
            _listening.TrySetException(new InvalidOperationException("The process has ended."));
            return;
        }

        lock (_output)
        {
            _output.Add(line);
        }

        if (Listening().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    [GeneratedRegex(@"Now listening on: (http://127\.0\.0\.1:\d+)")]
    private static partial Regex Listening();
}
