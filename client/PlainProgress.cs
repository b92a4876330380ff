using Air.Orleans.Quickstart;

namespace Air.Orleans.CommandLine;

/// <summary>Progress as plain lines, for logs and pipes: one when a step ends, and why it waits while it does.</summary>
internal sealed class PlainProgress(TextWriter writer) : IQuickstartProgress
{
    private string _step = "";
    private string _pending = "";

    public void Begin(string step) => _step = step;

    public void Advance(double fraction, string detail)
    {
        if (detail.StartsWith("pending", StringComparison.Ordinal) && detail != _pending)
        {
            _pending = detail;
            writer.WriteLine($"{_step, -8}  {detail}");
        }
    }

    public void End(string step, string outcome) => writer.WriteLine($"{step, -8}  {outcome}");
}
