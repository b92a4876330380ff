namespace Air.Orleans;

/// <summary>Whether an application's cluster answers.</summary>
/// <param name="IsUp">Whether it does.</param>
/// <param name="Detail">Why it does not, in one line; empty where it does.</param>
/// <param name="Since">Since when, in UTC.</param>
public sealed record ConnectionStatus(bool IsUp, string Detail, DateTimeOffset Since);
