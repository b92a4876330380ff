using System.Linq.Expressions;
using System.Text.Json.Serialization;

namespace Air.Orleans.Tune;

/// <summary>
/// What a search may try: one dimension for each property of <typeparamref name="TParameters"/> that varies; all others
/// keep the baseline's values. Immutable and thread-safe: every method gives a new space. Keys are lambdas such as
/// <c>p =&gt; p.LearningRate</c> and name one property with a public <c>set</c> or <c>init</c>.
/// </summary>
/// <typeparam name="TParameters">
/// The parameters: a class with a public parameterless constructor, a record, or a struct. They travel as JSON
/// (System.Text.Json), so a member that it leaves out, such as a field, falls back to its type's default.
/// </typeparam>
public sealed class SearchSpace<TParameters>
    where TParameters : notnull
{
    /// <summary>Makes the space without dimensions: every trial runs the baseline.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="TParameters"/> cannot be made or copied.</exception>
    public SearchSpace()
        : this([]) { }

    /// <summary>Makes a space of the given dimensions, for example ones read from JSON.</summary>
    /// <param name="dimensions">The dimensions, in the order to keep; copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="dimensions"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// <typeparamref name="TParameters"/> cannot be made or copied, a dimension names no settable property of it, or two
    /// name the same.
    /// </exception>
    [JsonConstructor]
    public SearchSpace(IReadOnlyList<Domain> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        ParameterBinding.CheckType(typeof(TParameters));
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var domain in dimensions)
        {
            ArgumentNullException.ThrowIfNull(domain, nameof(dimensions));
            ParameterBinding.Property(typeof(TParameters), domain.Name);
            if (!names.Add(domain.Name))
            {
                throw new ArgumentException(
                    $"Property '{domain.Name}' of {typeof(TParameters).Name} has two dimensions, the second by "
                        + $"{domain.Verb}, but must have one. Remove one of them.",
                    nameof(dimensions)
                );
            }
        }

        Dimensions = [.. dimensions];
    }

    /// <summary>Gives the dimensions in the order they were added.</summary>
    public IReadOnlyList<Domain> Dimensions { get; }

    /// <summary>Adds a number drawn evenly from [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="parameter">The property. A whole-number property gets the draw rounded down.</param>
    /// <param name="low">The smallest value, inclusive.</param>
    /// <param name="high">The bound above, exclusive.</param>
    /// <exception cref="ArgumentException">
    /// The lambda names no single settable property, the property has a dimension already, or the bounds are not finite,
    /// not in order, or do not fit the property's type.
    /// </exception>
    public SearchSpace<TParameters> Uniform(Expression<Func<TParameters, double>> parameter, double low, double high)
    {
        var property = ParameterBinding.Property(parameter, nameof(Uniform));
        var domain = new UniformDomain(property.Name, low, high, ParameterBinding.KindOf(property, nameof(Uniform)));
        return WithNumeric(domain, low, high);
    }

    /// <summary>Adds a number whose logarithm is drawn evenly, from [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="parameter">The property. A whole-number property gets the draw rounded down.</param>
    /// <param name="low">The smallest value, inclusive, above 0.</param>
    /// <param name="high">The bound above, exclusive.</param>
    /// <exception cref="ArgumentException">
    /// The lambda names no single settable property, the property has a dimension already, or the bounds are not finite,
    /// not above 0, not in order, or do not fit the property's type.
    /// </exception>
    public SearchSpace<TParameters> LogUniform(Expression<Func<TParameters, double>> parameter, double low, double high)
    {
        var property = ParameterBinding.Property(parameter, nameof(LogUniform));
        var kind = ParameterBinding.KindOf(property, nameof(LogUniform));
        return WithNumeric(new LogUniformDomain(property.Name, low, high, kind), low, high);
    }

    /// <summary>
    /// Adds a whole number drawn evenly from <paramref name="low"/> to <paramref name="highExclusive"/> - 1: as in Ray and
    /// in <see cref="Random.Next(int, int)"/>, the upper bound is never drawn.
    /// </summary>
    /// <param name="parameter">The whole-number property.</param>
    /// <param name="low">The smallest value, inclusive.</param>
    /// <param name="highExclusive">The bound above, exclusive.</param>
    /// <exception cref="ArgumentException">
    /// The lambda names no single settable property, the property has a dimension already, or the bounds are not in
    /// order or do not fit the property's type.
    /// </exception>
    public SearchSpace<TParameters> RandInt(Expression<Func<TParameters, long>> parameter, long low, long highExclusive)
    {
        var property = ParameterBinding.Property(parameter, nameof(RandInt));
        var domain = new IntegerDomain(property.Name, low, highExclusive);
        ParameterBinding.CheckIntegerRange(property, domain.Verb, low, highExclusive);
        return With(domain);
    }

    /// <summary>Adds a value drawn evenly from <paramref name="values"/>.</summary>
    /// <typeparam name="TValue">The property's type, or one that it converts to.</typeparam>
    /// <param name="parameter">The property.</param>
    /// <param name="values">The values, at least one; one given twice is twice as likely.</param>
    /// <exception cref="ArgumentException">
    /// The lambda names no single settable property, the property has a dimension already, there is no value, or a value
    /// does not fit the property.
    /// </exception>
    public SearchSpace<TParameters> Choice<TValue>(
        Expression<Func<TParameters, TValue>> parameter,
        params IReadOnlyList<TValue> values
    )
    {
        var property = ParameterBinding.Property(parameter, nameof(Choice));
        return With(new ChoiceDomain(property.Name, ParameterBinding.ToJson(property, nameof(Choice), values)));
    }

    /// <summary>Adds values that are all tried, crossed with all other grid dimensions, as often as there are samples.</summary>
    /// <typeparam name="TValue">The property's type, or one that it converts to.</typeparam>
    /// <param name="parameter">The property.</param>
    /// <param name="values">The values, at least one.</param>
    /// <exception cref="ArgumentException">
    /// The lambda names no single settable property, the property has a dimension already, there is no value, or a value
    /// does not fit the property.
    /// </exception>
    public SearchSpace<TParameters> Grid<TValue>(
        Expression<Func<TParameters, TValue>> parameter,
        params IReadOnlyList<TValue> values
    )
    {
        var property = ParameterBinding.Property(parameter, nameof(Grid));
        return With(new GridDomain(property.Name, ParameterBinding.ToJson(property, nameof(Grid), values)));
    }

    /// <summary>
    /// Gives the parameters of one trial: a copy of <paramref name="baseline"/>, made through JSON, in which the
    /// configuration's properties have its values.
    /// </summary>
    /// <param name="baseline">The parameters to vary; not changed.</param>
    /// <param name="configuration">Property name to value. Names need not be dimensions of this space.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// A name is not a settable property, a value does not fit its property, or the parameters cannot be copied by JSON.
    /// </exception>
    public TParameters Apply(TParameters baseline, Configuration configuration)
    {
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentNullException.ThrowIfNull(configuration);
        return (TParameters)ParameterBinding.Apply(baseline, configuration);
    }

    private SearchSpace<TParameters> WithNumeric(Domain domain, double low, double high)
    {
        var property = ParameterBinding.Property(typeof(TParameters), domain.Name);
        if (ParameterBinding.KindOf(property, domain.Verb) == NumberKind.Whole)
        {
            ParameterBinding.CheckIntegerRange(property, domain.Verb, (long)low, (long)high);
        }

        return With(domain);
    }

    private SearchSpace<TParameters> With(Domain domain) => new([.. Dimensions, domain]);
}
