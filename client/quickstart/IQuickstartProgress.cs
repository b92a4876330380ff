namespace Air.Orleans.Quickstart;

/// <summary>Is told how the quick start goes on.</summary>
public interface IQuickstartProgress
{
    /// <summary>A step begins.</summary>
    void Begin(string step);

    /// <summary>How far the step is, from 0 to 1, and what it does.</summary>
    void Advance(double fraction, string detail);

    /// <summary>The step has ended with this outcome.</summary>
    void End(string step, string outcome);
}
