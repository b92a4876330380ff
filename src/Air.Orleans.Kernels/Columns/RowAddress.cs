namespace Air.Orleans.Kernels.Columns;

/// <summary>Gives where a row is in a list of batches.</summary>
/// <param name="Batch">The batch's 0-based index in the list.</param>
/// <param name="Row">The row's 0-based index in the batch.</param>
public readonly record struct RowAddress(int Batch, int Row);
