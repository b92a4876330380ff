namespace Air.Orleans.Core.Security;

/// <summary>One thing that is wrong with the security settings, in one line: the setting, the file, what to do. Never a secret.</summary>
internal sealed class SecurityFault(string message) : Exception(message);
