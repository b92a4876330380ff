namespace Air.Orleans.Torch;

/// <summary>An optimizer whose step is one loop over flat buffers of weights and gradients.</summary>
/// <remarks>
/// <para>
/// The formulas are PyTorch's, so that hyperparameters carry over. One step is a single SIMD pass without allocation;
/// on small models it is tens of times faster than an optimizer that calls torch operators per parameter.
/// </para>
/// <para>
/// Deterministic: each element is computed on its own by operations that IEEE 754 rounds exactly, without fused
/// multiply-add, so the result is the same bit for bit on every machine and for every SIMD width. Not thread-safe.
/// </para>
/// </remarks>
public abstract class FlatOptimizer
{
    private readonly SortedDictionary<string, float[]> state = new(StringComparer.Ordinal);
    private double learningRate;
    private int length = -1;

    /// <summary>Sets the learning rate.</summary>
    /// <param name="learningRate">0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The learning rate is negative or not finite.</exception>
    protected FlatOptimizer(double learningRate) => LearningRate = learningRate;

    /// <summary>The step size; may be changed between steps, as a schedule does.</summary>
    /// <value>0 or more, finite.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    public double LearningRate
    {
        get => learningRate;
        set => learningRate = NotNegative(value, nameof(LearningRate));
    }

    /// <summary>Steps taken so far, those before a <see cref="Load"/> included.</summary>
    public long StepCount { get; private set; }

    /// <summary>
    /// The optimizer's memory under PyTorch's names (<c>exp_avg</c>, <c>exp_avg_sq</c>, <c>momentum_buffer</c>), in
    /// ordinal order of the names; each array is as long as the weights. Empty before the first step, and always for an
    /// optimizer that keeps none.
    /// </summary>
    /// <value>The live arrays, not copies: write them out before the next step.</value>
    public IReadOnlyDictionary<string, float[]> State => state;

    /// <summary>The names in <see cref="State"/> once a step was taken.</summary>
    protected abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>Takes one step: changes the weights by the gradients.</summary>
    /// <param name="weights">The weights, changed in place.</param>
    /// <param name="gradients">Their gradients, in the same order.</param>
    /// <exception cref="ArgumentException">
    /// The spans differ in length, or are not as long as at the first step or in the loaded state.
    /// </exception>
    public void Step(Span<float> weights, ReadOnlySpan<float> gradients)
    {
        if (weights.Length != gradients.Length)
            throw new ArgumentException(
                $"There are {weights.Length} weights but {gradients.Length} gradients; they must be as many.",
                nameof(gradients)
            );
        if (length >= 0 && weights.Length != length)
            throw new ArgumentException(
                $"The optimizer's state is for {length} weights, but there are {weights.Length}. "
                    + "Use one optimizer per module, and load the state of the same module.",
                nameof(weights)
            );
        Grow(weights.Length);
        StepCount++;
        Update(weights, gradients);
    }

    /// <summary>Takes over the state of an optimizer of the same kind; the next step goes on bit for bit.</summary>
    /// <param name="stepCount">Its <see cref="StepCount"/>.</param>
    /// <param name="state">Its <see cref="State"/>; the arrays are copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="state"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="stepCount"/> is negative.</exception>
    /// <exception cref="ArgumentException">
    /// The names are not this optimizer's, or the arrays differ in length. The optimizer is unchanged then.
    /// </exception>
    public void Load(long stepCount, IReadOnlyDictionary<string, float[]> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        var expected = stepCount == 0 && state.Count == 0 ? [] : StateNames;
        if (!expected.ToHashSet(StringComparer.Ordinal).SetEquals(state.Keys))
            throw new ArgumentException(
                $"The state of {GetType().Name} after {stepCount} steps has the arrays "
                    + $"'{string.Join("', '", expected)}', but '{string.Join("', '", state.Keys)}' were given. "
                    + "Load the state of the same optimizer with the same settings.",
                nameof(state)
            );
        var lengths = state.Values.Select(array => array.Length).Distinct().ToArray();
        if (lengths.Length > 1)
            throw new ArgumentException(
                $"The arrays of the state have {string.Join(" and ", lengths)} elements; they must be as long.",
                nameof(state)
            );

        // Copied before the old arrays go: the state may be this optimizer's own.
        var copies = state.ToDictionary(pair => pair.Key, pair => (float[])pair.Value.Clone(), StringComparer.Ordinal);
        this.state.Clear();
        foreach (var (name, array) in copies)
            this.state.Add(name, array);
        length = lengths is [var only] ? only : -1;
        StepCount = stepCount;
        StateChanged();
    }

    /// <summary>Computes one step; <see cref="StepCount"/> already counts it.</summary>
    /// <param name="weights">The weights, changed in place; as many as gradients.</param>
    /// <param name="gradients">The gradients.</param>
    protected abstract void Update(Span<float> weights, ReadOnlySpan<float> gradients);

    /// <summary>The arrays in <see cref="State"/> are others than before.</summary>
    protected virtual void StateChanged() { }

    /// <summary>Checks a hyperparameter.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="name">Its name, for the error.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or not finite.</exception>
    protected static double NotNegative(double value, string name) =>
        value >= 0 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be a finite number, 0 or more.");

    /// <summary>Checks a decay factor.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="name">Its name, for the error.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative, or 1 or more.</exception>
    protected static double BelowOne(double value, string name) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be 0 or more and less than 1.");

    private void Grow(int count)
    {
        if (length == count)
            return;
        length = count;
        foreach (var name in StateNames)
            state[name] = new float[count];
        StateChanged();
    }
}
