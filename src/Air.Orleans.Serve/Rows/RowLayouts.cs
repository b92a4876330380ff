using System.Collections.Concurrent;

namespace Air.Orleans.Serve.Rows;

/// <summary>
/// The layouts that a model has been seen to take. A layout is checked once, when rows first have it. Thread-safe.
/// </summary>
/// <param name="check">Raises an error where the model cannot take rows of this layout.</param>
internal sealed class RowLayouts(Action<RowLayout> check)
{
    /// <summary>Layouts past this number are checked anew each time: a client that invents columns fills no memory.</summary>
    private const int MostLayouts = 64;

    private readonly ConcurrentDictionary<string, RowLayout> _known = new(StringComparer.Ordinal);
    private volatile RowLayout? _latest;

    /// <summary>The layout that rows are most likely to have.</summary>
    public RowLayout? Latest => _latest;

    /// <summary>The layout of these columns, in some order.</summary>
    /// <exception cref="AirException">The model cannot take it.</exception>
    public RowLayout Resolve(string[] names, CellKind[] kinds)
    {
        var order = Enumerable.Range(0, names.Length).OrderBy(index => names[index], StringComparer.Ordinal);
        var signature = string.Join('\0', order.Select(index => $"{names[index].Length}{kinds[index]}:{names[index]}"));
        if (!_known.TryGetValue(signature, out var layout))
        {
            var unknown = new RowLayout(names, kinds);
            check(unknown);
            layout = _known.Count < MostLayouts ? _known.GetOrAdd(signature, unknown) : unknown;
        }

        _latest = layout;
        return layout;
    }
}
