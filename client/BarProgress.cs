using Air.Orleans.Quickstart;
using Spectre.Console;

namespace Air.Orleans.CommandLine;

/// <summary>Progress as bars on a terminal, one for each step.</summary>
internal sealed class BarProgress(ProgressContext bars) : IQuickstartProgress
{
    private ProgressTask? _bar;

    public void Begin(string step) => _bar = bars.AddTask(Markup.Escape($"{step, -8}"), maxValue: 1);

    public void Advance(double fraction, string detail)
    {
        if (_bar is { IsFinished: false } bar)
        {
            bar.Value = Math.Min(fraction, 0.99);
            bar.Description = Markup.Escape($"{bar.Description[..Math.Min(8, bar.Description.Length)], -8}  {detail}");
        }
    }

    public void End(string step, string outcome)
    {
        if (_bar is { } bar)
        {
            bar.Description = Markup.Escape($"{step, -8}  {outcome}");
            bar.Value = 1;
            bar.StopTask();
        }
    }
}
