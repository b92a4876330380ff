namespace Air.Orleans.Silo.Configuration;

/// <summary>How a silo writes its log to the console.</summary>
internal enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>A JSON object in each line, with the event's id and its values by name.</summary>
    Json,
}
