using System.Diagnostics;
using System.Globalization;

namespace Air.Orleans.Cluster.Tests.Blocks;

/// <summary>A client of these tests in a process of its own.</summary>
internal sealed class BlockProcess : IAsyncDisposable
{
    private readonly Process _process;

    private BlockProcess(Process process) => _process = process;

    public static BlockProcess Start(params string[] arguments) => Start(new Dictionary<string, string>(), arguments);

    public static BlockProcess Start(IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(BlockProcess).Assembly.Location);
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return new BlockProcess(Process.Start(start)!);
    }

    /// <summary>The next line of its output.</summary>
    public async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(SiloProcess.StartLimit)
        ?? throw new InvalidOperationException("The client ended.");

    /// <summary>Writes a line to its input.</summary>
    public void Say(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Ends its input, which tells it to end.</summary>
    public void Finish() => _process.StandardInput.Close();

    /// <summary>Ends the process as kill -9 does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Stops the process where it is; it can still be killed.</summary>
    public async Task FreezeAsync()
    {
        using var kill = Process.Start("kill", ["-STOP", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
