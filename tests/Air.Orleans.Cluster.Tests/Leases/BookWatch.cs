using System.Globalization;
using Air.Orleans.Core;
using Air.Orleans.Core.Resilience;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Cluster.Tests.Leases;

/// <summary>Reads the silos' books again and again, and adds up by itself what stands in them.</summary>
internal sealed class BookWatch : IAsyncDisposable
{
    private const double Rounding = 1e-6;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly CancellationTokenSource _ending = new();
    private readonly List<string> _excesses = [];
    private readonly Task _watching;

    private BookWatch(IAirCluster air) => _watching = WatchAsync(air);

    /// <summary>How many books with something in them were read.</summary>
    public int Read { get; private set; }

    public static BookWatch Start(IAirCluster air) => new(air);

    /// <summary>The books of the silos that answer now.</summary>
    public static async Task<BookPage[]> ReadAsync(IAirCluster air)
    {
        var books = air.Services.GetRequiredService<IGrainFactory>().GetGrain<ISiloBooksGrain>(0);
        return await GrainCalls.RetryAsync(books.ReadAsync);
    }

    /// <summary>Ends the reading, and gives what stood in a book beyond what its silo offers.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await _ending.CancelAsync();
        await _watching;
        return _excesses;
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _ending.Dispose();
    }

    private async Task WatchAsync(IAirCluster air)
    {
        using var timer = new PeriodicTimer(Interval);
        while (!_ending.IsCancellationRequested)
        {
            foreach (var page in await ReadAsync(air))
            {
                Read += page.Report.Bookings.Length > 0 ? 1 : 0;
                _excesses.AddRange(Excesses(page));
            }

            await timer.WaitForNextTickAsync();
        }
    }

    private static IEnumerable<string> Excesses(BookPage page)
    {
        var offer = page.Report.Offer.Resources;
        var booked = page.Report.Bookings.Aggregate(
            new ResourceSet(),
            static (sum, booking) => sum + booking.Request.Bundles[booking.Bundle].Resources
        );
        if (!offer.Covers(booked))
        {
            yield return $"{page.Silo} offers {offer}, and {booked} are booked.";
        }

        var devices = page
            .Report.Bookings.SelectMany(static booking =>
                booking.Devices.Select(device =>
                    (Device: device, Share: Math.Min(1, booking.Request.Bundles[booking.Bundle].Resources.Gpu))
                )
            )
            .GroupBy(static it => it.Device, static it => it.Share);
        foreach (var device in devices)
        {
            if (device.Sum() > 1 + Rounding)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"GPU {device.Key} of {page.Silo} is booked {device.Sum()} times."
                );
            }
        }
    }
}
