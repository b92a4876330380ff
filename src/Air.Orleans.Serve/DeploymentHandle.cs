using System.Runtime.CompilerServices;
using System.Text.Json;
using Air.Orleans.Serve.Routing;

namespace Air.Orleans.Serve;

/// <summary>
/// Calls a deployment with typed rows, from any thread. Rows travel as JSON, exactly as over HTTP, and are answered alike.
/// Follows redeployments.
/// </summary>
/// <typeparam name="TRow">A row: a type whose properties are the columns, or a dictionary of them.</typeparam>
/// <typeparam name="TPrediction">The prediction of a row, read from JSON.</typeparam>
public sealed class DeploymentHandle<TRow, TPrediction>
{
    private readonly DeploymentRouter _router;

    internal DeploymentHandle(DeploymentRouter router, string name)
    {
        _router = router;
        Name = name;
    }

    /// <summary>The deployment's name.</summary>
    public string Name { get; }

    /// <summary>The prediction for one row.</summary>
    /// <exception cref="ArgumentException">The row cannot be written as JSON, such as for a NaN.</exception>
    /// <exception cref="DeploymentException">
    /// The model cannot take the row, the deployment is unknown, or it could not answer; <see cref="DeploymentException.Status"/>
    /// says which. Or the prediction is no <typeparamref name="TPrediction"/>: a NaN comes as null.
    /// </exception>
    [OverloadResolutionPriority(1)]
    public async Task<TPrediction> PredictAsync(TRow row, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(row);
        var body = JsonSerializer.SerializeToUtf8Bytes(row, DeploymentHandles.RowJson);
        return (await SendAsync(body, 1, cancellationToken))[0];
    }

    /// <summary>The predictions for rows: as many, in the same order, scored in one batch. None for none.</summary>
    /// <exception cref="ArgumentException">A row cannot be written as JSON, such as for a NaN.</exception>
    /// <exception cref="DeploymentException">
    /// The model cannot take a row, the deployment is unknown, or it could not answer; <see cref="DeploymentException.Status"/>
    /// says which. Or a prediction is no <typeparamref name="TPrediction"/>: a NaN comes as null.
    /// </exception>
    public async Task<IReadOnlyList<TPrediction>> PredictAsync(
        IReadOnlyCollection<TRow> rows,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0)
        {
            return [];
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(rows, DeploymentHandles.RowJson);
        return await SendAsync(body, rows.Count, cancellationToken);
    }

    private async Task<TPrediction[]> SendAsync(byte[] body, int rows, CancellationToken cancellationToken)
    {
        var answer =
            await _router.PredictAsync(Name, body).WaitAsync(cancellationToken)
            ?? throw DeploymentHandles.Unknown(Name, _router.Map);
        return DeploymentHandles.Read<TPrediction>(Name, answer, rows);
    }
}
