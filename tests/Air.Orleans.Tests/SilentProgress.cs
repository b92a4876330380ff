using Air.Orleans.Quickstart;

namespace Air.Orleans.Tests;

internal sealed class SilentProgress : IQuickstartProgress
{
    public List<string> Ended { get; } = [];

    public void Begin(string step) { }

    public void Advance(double fraction, string detail) { }

    public void End(string step, string outcome) => Ended.Add(step);
}
