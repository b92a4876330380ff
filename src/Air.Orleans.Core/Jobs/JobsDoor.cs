using System.Runtime.CompilerServices;
using Air.Orleans.Core.Jobs;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Resilience;
using Air.Orleans.Core.Shipping.Code;

namespace Air.Orleans.Core;

/// <summary>
/// Programs that run in the cluster and outlive whoever submitted them: <c>air.Jobs</c>. Each runs as a process of its own on a silo, whose
/// <c>AirCluster.ConnectAsync()</c> connects to the cluster it runs in. Thread-safe.
/// </summary>
public sealed class JobsDoor
{
    private const int LongestName = 63;

    private static readonly TimeSpan LogInterval = TimeSpan.FromMilliseconds(300);

    private readonly IServiceProvider _services;

    internal JobsDoor(IAirCluster cluster) => _services = cluster.Services;

    private IJobBookGrain Book => _services.GetRequiredService<IGrainFactory>().GetGrain<IJobBookGrain>(0);

    private TimeProvider Time => _services.GetRequiredService<TimeProvider>();

    /// <summary>Sends a program to the cluster, as far as the cluster has not got it, and has it run there.</summary>
    /// <param name="path">The program's DLL, which goes with all that lies in its folder, or the folder that <c>dotnet publish</c> made.</param>
    /// <param name="options">Its name, arguments, environment and needs.</param>
    /// <param name="cancellationToken">Ends the sending.</param>
    /// <returns>The job, which goes on by itself.</returns>
    /// <exception cref="ShippingException">It is no program that could run; the message says what to do.</exception>
    /// <exception cref="AirException">The cluster refuses the code, or a job has the name.</exception>
    /// <exception cref="ArgumentException">The options are faulty.</exception>
    public async Task<JobInfo> SubmitAsync(
        string path,
        JobOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new JobOptions();
        var name = options.Name ?? $"job-{Guid.NewGuid():N}"[..12];
        Check(name, options);
        var program = JobProgram.Read(path);
        await _services.GetRequiredService<CodeSender>().SendAsync(program.Bundle, cancellationToken);
        var submission = new JobSubmission(
            Guid.NewGuid(),
            name,
            program.Bundle.Hash,
            program.Entry,
            [.. options.Arguments],
            new Dictionary<string, string>(options.Environment),
            options.Resources,
            options.Retries
        );
        return await GrainCalls.RetryAsync(() => Book.SubmitAsync(submission), cancellationToken);
    }

    /// <summary>All jobs, the newest first.</summary>
    public async Task<IReadOnlyList<JobInfo>> ListAsync(CancellationToken cancellationToken = default) =>
        await GrainCalls.RetryAsync(Book.ListAsync, cancellationToken);

    /// <summary>One job.</summary>
    /// <exception cref="AirException">There is none of that name.</exception>
    public async Task<JobInfo> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var all = await ListAsync(cancellationToken);
        return all.FirstOrDefault(job => job.Name == name) ?? throw Unknown(name, all.Select(static job => job.Name));
    }

    /// <summary>Waits until a job has ended.</summary>
    /// <param name="name">The job's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the job goes on.</param>
    /// <exception cref="AirException">There is none of that name.</exception>
    public async Task<JobInfo> WaitAsync(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        while (true)
        {
            var job =
                await GrainCalls.RetryAsync(() => Book.WatchAsync(name), cancellationToken)
                ?? throw Unknown(name, (await ListAsync(cancellationToken)).Select(static job => job.Name));
            if (job.State.HasEnded)
            {
                return job;
            }
        }
    }

    /// <summary>
    /// Ends a job's program: it is asked to (SIGTERM), and killed with all processes that it started when it has not ended after ten seconds.
    /// </summary>
    /// <param name="name">The job's name.</param>
    /// <param name="cancellationToken">Ends the waiting; the job is stopped all the same.</param>
    /// <returns>The job as it ended, which may be otherwise than by this.</returns>
    /// <exception cref="AirException">There is none of that name.</exception>
    public async Task<JobInfo> StopAsync(string name, CancellationToken cancellationToken = default)
    {
        await GetAsync(name, cancellationToken);
        await GrainCalls.RetryAsync(() => Book.StopAsync(name), cancellationToken);
        return await WaitAsync(name, cancellationToken);
    }

    /// <summary>Forgets a job that has ended, with what it wrote; its name can be used again.</summary>
    /// <exception cref="AirException">There is none of that name, or it has not ended.</exception>
    public async Task<JobInfo> DeleteAsync(string name, CancellationToken cancellationToken = default)
    {
        var job = await GetAsync(name, cancellationToken);
        await GrainCalls.RetryAsync(() => Book.DeleteAsync(name), cancellationToken);
        return job;
    }

    /// <summary>
    /// What a job's program wrote, of all its attempts, also after its end and after the loss of its silo. Of each attempt the last 16 MB are
    /// kept; a line is there about a second after it was written.
    /// </summary>
    /// <param name="name">The job's name.</param>
    /// <param name="follow">Whether to go on until the job has ended.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="AirException">There is none of that name.</exception>
    public async IAsyncEnumerable<JobLogLine> LogsAsync(
        string name,
        bool follow = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var position = new JobLogPosition(1, 0, 0);
        while (true)
        {
            var asked = position;
            var page =
                await GrainCalls.RetryAsync(() => Book.LogAsync(name, asked), cancellationToken)
                ?? throw Unknown(name, (await ListAsync(cancellationToken)).Select(static job => job.Name));
            foreach (var line in page.Lines)
            {
                yield return line;
            }

            if (page.IsEnd || (!follow && page.Next == position))
            {
                yield break;
            }

            if (page.Next == position)
            {
                await Task.Delay(LogInterval, Time, cancellationToken);
            }

            position = page.Next;
        }
    }

    /// <summary>Checked in the client, and by the book, since the name becomes a folder's.</summary>
    /// <exception cref="ArgumentException">It is none.</exception>
    internal static void CheckName(string name)
    {
        if (
            name.Length is 0 or > LongestName
            || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            || name.All(static c => c == '.')
        )
        {
            throw new ArgumentException(
                $"'{name}' is no name of a job: give 1 to 63 letters, digits, '-', '_' or '.'."
            );
        }
    }

    private static void Check(string name, JobOptions options)
    {
        CheckName(name);
        if (options.Retries < 0)
        {
            throw new ArgumentException(
                $"A job cannot be started again {options.Retries} times: give 0 or more retries."
            );
        }

        if (
            options.Environment.Keys.FirstOrDefault(static key =>
                key.Length == 0 || key.Contains('=') || key.Contains('\0')
            ) is
            { } bad
        )
        {
            throw new ArgumentException($"'{bad}' is no name of an environment variable.");
        }

        if (options.Arguments.Concat(options.Environment.Values).Any(static text => text.Contains('\0')))
        {
            throw new ArgumentException(
                "An argument or a variable of the job holds a zero character, which no program can be given."
            );
        }
    }

    private static AirException Unknown(string name, IEnumerable<string> names) =>
        new($"There is no job '{name}' in this cluster.{NameSuggestion.For(name, names)}");
}

/// <summary>Adds <c>air.Jobs</c>.</summary>
public static class JobsExtensions
{
    extension(IAirCluster air)
    {
        /// <summary>The programs that run in the cluster.</summary>
        public JobsDoor Jobs => new(air);
    }
}
