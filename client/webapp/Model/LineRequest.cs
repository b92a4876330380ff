using System.Text.RegularExpressions;
using Air.Orleans.Core;

namespace Air.Orleans.WebApp.Model;

/// <summary>What a training is asked for: to find the slope of a line.</summary>
public sealed partial record LineRequest
{
    /// <summary>The run's name.</summary>
    public string Name { get; init; } = "line";

    /// <summary>How often the rows are gone through.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>The slope to be found.</summary>
    public double Slope { get; init; } = 3;

    /// <summary>How long an epoch lasts at least, so that one can watch.</summary>
    public int EpochMilliseconds { get; init; } = 100;

    /// <exception cref="AirException">A value is out of range.</exception>
    public void Check()
    {
        if (!NameForm().IsMatch(Name))
        {
            throw new AirException($"'{Name}' is no name: give letters, digits, '-', '_' and '.', at most 60.");
        }

        if (Epochs is < 1 or > 10_000 || EpochMilliseconds is < 0 or > 10_000 || !double.IsFinite(Slope))
        {
            throw new AirException(
                "Epochs must be between 1 and 10000, epochMilliseconds between 0 and 10000, and slope a finite number."
            );
        }
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,60}$")]
    private static partial Regex NameForm();
}
