using Air.Orleans.Core;

namespace Air.Orleans.Torch;

/// <summary>libtorch, or the library that binds TorchSharp to it, could not be loaded.</summary>
public sealed class TorchNativeException : AirException
{
    /// <summary>Makes an exception with a general message.</summary>
    public TorchNativeException()
        : base("libtorch could not be loaded.") { }

    /// <summary>Makes an exception that says what was found and what to do.</summary>
    /// <param name="message">What was found, what must hold, where, what to do.</param>
    public TorchNativeException(string message)
        : base(message) { }

    /// <summary>Makes an exception that says what was found and what to do, with its cause.</summary>
    /// <param name="message">What was found, what must hold, where, what to do.</param>
    /// <param name="innerException">The loader's own error.</param>
    public TorchNativeException(string message, Exception? innerException)
        : base(message, innerException) { }
}
