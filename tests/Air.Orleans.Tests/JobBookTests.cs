using Air.Orleans.Core;
using Air.Orleans.Core.Jobs.Control;
using Air.Orleans.Core.Jobs.Grains;
using Air.Orleans.Core.Shipping.Code;
using Air.Orleans.Core.Shipping.Grains;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Tests;

/// <summary>The book of jobs in a cluster in this process, which keeps jobs and runs none.</summary>
public sealed class JobBookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>As a silo leaves it that is killed between the two books.</summary>
    [Fact]
    public async Task Activate_WithCodeHeldForAJobThatIsNot_LetsGoOfIt()
    {
        await using (var before = await StartAsync())
        {
            var hash = await SendAsync(before);
            var code = before.Services.GetRequiredService<IGrainFactory>().GetGrain<ICodeBookGrain>(0);
            await code.PinAsync(hash, JobPin.HolderOf("ghost"));
            await code.PinAsync(hash, "somebody");
        }

        await using var air = await StartAsync();
        await SettledAsync(air);

        Assert.Equal(["somebody"], Assert.Single(await air.Code.ListAsync()).HeldBy);
    }

    [Fact]
    public async Task Submit_NameThatIsTakenMeanwhile_HoldsNoCode()
    {
        await using var air = await StartAsync();
        var book = air.Services.GetRequiredService<IGrainFactory>().GetGrain<IJobBookGrain>(0);
        var (one, other) = (await SendAsync(air, 1), await SendAsync(air, 2));

        var submits = new[] { book.SubmitAsync(Job("night", one)), book.SubmitAsync(Job("night", other)) };
        await Assert.ThrowsAsync<AirException>(() => Task.WhenAll(submits));
        var taken = (await air.Jobs.GetAsync("night")).Code;
        await SettledAsync(air);

        var code = await air.Code.ListAsync();
        Assert.Equal(2, code.Count);
        Assert.All(code, it => Assert.Equal(it.Hash == taken ? ["job 'night'"] : [], it.HeldBy));
    }

    private Task<AirCluster> StartAsync() =>
        AirCluster.StartLocalAsync(new() { StorageFolder = _folder.Path, HttpPort = null });

    /// <summary>A job is refused only when the books agree.</summary>
    private static Task<AirException> SettledAsync(AirCluster air) =>
        Assert.ThrowsAsync<AirException>(() =>
            air
                .Services.GetRequiredService<IGrainFactory>()
                .GetGrain<IJobBookGrain>(0)
                .SubmitAsync(Job("next", new string('a', 64)))
        );

    private async Task<string> SendAsync(AirCluster air, byte content = 1)
    {
        var file = Path.Combine(_folder.Path, $"{content}.dll");
        await File.WriteAllBytesAsync(file, [content]);
        var bundle = CodeBundle.Of("code", new Dictionary<string, string> { ["a.dll"] = file });
        await air.Services.GetRequiredService<CodeSender>().SendAsync(bundle, CancellationToken.None);
        return bundle.Hash;
    }

    private static JobSubmission Job(string name, string code) =>
        new(Guid.NewGuid(), name, code, "a.dll", [], [], new ResourceSet(), Retries: 0);
}
