using System.Text.Json;
using Air.Orleans.Serve.Http;

namespace Air.Orleans.Serve.Rows;

/// <summary>
/// The rows of a request while they are read. It begins with the columns that rows are likely to have; where they have others it
/// takes a copy of its own. Not thread-safe.
/// </summary>
internal sealed class RowDraft
{
    public const byte Value = 1;

    /// <summary>So many cells are 16 MB of numbers; rows that lack columns could otherwise ask for far more than their bytes.</summary>
    public const int MostCells = 2_000_000;

    private const byte Null = 2;

    private readonly RowLayout? _likely;
    private List<string>? _names;
    private Dictionary<string, int>? _index;
    private CellKind[] _kinds;
    private double[] _numbers;
    private string?[]? _texts;
    private byte[] _states;
    private int _stride;
    private int _rows;

    public RowDraft(RowLayout? likely)
    {
        _likely = likely;
        _stride = likely is null ? 16 : likely.Width;
        _kinds = new CellKind[_stride];
        _numbers = new double[_stride];
        _states = new byte[_stride];
        if (likely is null)
        {
            _names = [];
            _index = new Dictionary<string, int>(StringComparer.Ordinal);
        }
    }

    public int RowCount => _rows;

    private int Width => _names?.Count ?? _likely!.Width;

    public void BeginRow()
    {
        var needed = (long)(_rows + 1) * _stride;
        if (needed > MostCells)
        {
            throw TooManyCells();
        }

        if (needed > _states.Length)
        {
            Resize((int)Math.Min(MostCells, Math.Max(needed, 2L * _states.Length)));
        }

        _rows++;
    }

    /// <summary>The index of the column that a property names; <paramref name="next"/> is where it most likely is.</summary>
    public int Column(ref Utf8JsonReader reader, int next)
    {
        if (_names is null && next < _likely!.Width && reader.ValueTextEquals(_likely.Utf8Names[next]))
        {
            return next;
        }

        var name = reader.GetString()!;
        var index = _names is null ? _likely!.IndexOf(name) : _index!.GetValueOrDefault(name, -1);
        return index >= 0 ? index : AddColumn(name);
    }

    public void SetNumber(int column, double value)
    {
        _numbers[Cell(column, CellKind.Number)] = value;
    }

    public void SetBoolean(int column, bool value)
    {
        _numbers[Cell(column, CellKind.Boolean)] = value ? 1 : 0;
    }

    public void SetText(int column, string value)
    {
        var cell = Cell(column, CellKind.Text);
        _texts ??= new string?[_states.Length];
        _texts[cell] = value;
    }

    public void SetNull(int column) => _states[Free(column)] = Null;

    /// <summary>The rows, once all are read.</summary>
    /// <exception cref="AirException">The model cannot take their columns.</exception>
    public RowTable Finish(RowLayouts layouts)
    {
        var cells = _rows * _stride;
        if (_names is null && _states.AsSpan(0, cells).IndexOfAnyExcept(Value) < 0 && SameKinds(_likely!))
        {
            return new RowTable(_likely!, _rows, _numbers, _texts, null);
        }

        var used = Enumerable.Range(0, Width).Where(IsUsed).ToArray();
        if (used.Length == 0)
        {
            throw new ProblemException(Problem.InvalidRows("Row 0 has no property; a row holds the model's features."));
        }

        var layout = layouts.Resolve([.. used.Select(Name)], [.. used.Select(KindOf)]);
        return Arranged(layout);
    }

    public string Name(int column) => _names?[column] ?? _likely!.Names[column];

    private bool SameKinds(RowLayout layout) => _kinds.AsSpan(0, layout.Width).SequenceEqual(layout.Kinds);

    private bool IsUsed(int column)
    {
        for (var row = 0; row < _rows; row++)
        {
            if (_states[(row * _stride) + column] != 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A column of nothing but nulls is what it usually is, and of numbers where that is unknown.</summary>
    private CellKind KindOf(int column) =>
        _kinds[column] != CellKind.Unknown ? _kinds[column]
        : _likely?.IndexOf(Name(column)) is >= 0 and var known ? _likely.Kinds[known]
        : CellKind.Number;

    private RowTable Arranged(RowLayout layout)
    {
        var numbers = new double[_rows * layout.Width];
        var texts = _texts is null ? null : new string?[_rows * layout.Width];
        var present = new byte[_rows * layout.Width];
        for (var column = 0; column < Width; column++)
        {
            var to = layout.IndexOf(Name(column));
            for (var row = 0; to >= 0 && row < _rows; row++)
            {
                var source = (row * _stride) + column;
                var target = (row * layout.Width) + to;
                numbers[target] = _numbers[source];
                present[target] = _states[source];
                if (texts is not null)
                {
                    texts[target] = _texts![source];
                }
            }
        }

        var complete = present.AsSpan().IndexOfAnyExcept(Value) < 0;
        return new RowTable(layout, _rows, numbers, texts, complete ? null : present);
    }

    private int Cell(int column, CellKind kind)
    {
        var cell = Free(column);
        ref var known = ref _kinds[column];
        if (known == CellKind.Unknown)
        {
            known = kind;
        }
        else if (known != kind)
        {
            throw new ProblemException(
                Problem.InvalidRows(
                    $"Row {_rows - 1}, '{Name(column)}' is a {kind}, and a {known} in a row before. A column has one type."
                )
            );
        }

        _states[cell] = Value;
        return cell;
    }

    private int Free(int column)
    {
        var cell = ((_rows - 1) * _stride) + column;
        return _states[cell] == 0
            ? cell
            : throw new ProblemException(Problem.InvalidRows($"Row {_rows - 1} has '{Name(column)}' twice."));
    }

    private int AddColumn(string name)
    {
        if (_names is null)
        {
            _names = [.. _likely!.Names];
            _index = _names.Index().ToDictionary(static it => it.Item, static it => it.Index, StringComparer.Ordinal);
        }

        if (_names.Count == _stride)
        {
            Widen();
        }

        _index!.Add(name, _names.Count);
        _names.Add(name);
        return _names.Count - 1;
    }

    private void Widen()
    {
        var stride = Math.Max(16, _stride * 2);
        if ((long)stride * _rows > MostCells)
        {
            throw TooManyCells();
        }

        var (numbers, texts, states) = (_numbers, _texts, _states);
        _kinds = Grown(_kinds, stride);
        _numbers = new double[stride * _rows];
        _states = new byte[stride * _rows];
        _texts = texts is null ? null : new string?[stride * _rows];
        for (var row = 0; row < _rows; row++)
        {
            numbers.AsSpan(row * _stride, _stride).CopyTo(_numbers.AsSpan(row * stride));
            states.AsSpan(row * _stride, _stride).CopyTo(_states.AsSpan(row * stride));
            texts?.AsSpan(row * _stride, _stride).CopyTo(_texts.AsSpan(row * stride));
        }

        _stride = stride;
    }

    private void Resize(int cells)
    {
        _numbers = Grown(_numbers, cells);
        _states = Grown(_states, cells);
        _texts = _texts is null ? null : Grown(_texts, cells);
    }

    private static T[] Grown<T>(T[] array, int length)
    {
        Array.Resize(ref array, length);
        return array;
    }

    private static ProblemException TooManyCells() =>
        new(
            Problem.TooLarge(
                $"The rows have more than {MostCells} cells (rows x columns). Send them in several requests."
            )
        );
}
