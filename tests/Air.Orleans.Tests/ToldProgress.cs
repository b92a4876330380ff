using System.Collections.Concurrent;
using Air.Orleans.Quickstart;

namespace Air.Orleans.Tests;

/// <summary>Keeps how far each step was told to be while it lasted. Thread-safe.</summary>
internal sealed class ToldProgress : IQuickstartProgress
{
    private readonly ConcurrentQueue<(string Step, double Fraction)> _told = [];
    private volatile string _step = "";

    public double[] Of(string step) => [.. _told.Where(it => it.Step == step).Select(static it => it.Fraction)];

    public void Begin(string step) => _step = step;

    public void Advance(double fraction, string detail) => _told.Enqueue((_step, fraction));

    public void End(string step, string outcome) => _step = "";
}
