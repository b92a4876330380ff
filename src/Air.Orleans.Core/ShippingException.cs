namespace Air.Orleans.Core;

/// <summary>A lambda or an object of the user cannot travel to a silo, or the silo does not know its code.</summary>
[GenerateSerializer, Alias("air.core.ShippingException")]
public sealed class ShippingException : AirException
{
    /// <summary>Creates an error without a message.</summary>
    public ShippingException() { }

    /// <summary>Creates an error with the message <paramref name="message"/>.</summary>
    public ShippingException(string message)
        : base(message) { }

    /// <summary>Creates an error that was caused by <paramref name="innerException"/>.</summary>
    public ShippingException(string message, Exception? innerException)
        : base(message, innerException) { }
}
