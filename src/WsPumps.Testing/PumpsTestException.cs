namespace WsPumps.Testing;

/// <summary>
/// A test's expectation was not met, or can no longer be met. The text says what was expected, and what happened instead.
/// </summary>
public sealed class PumpsTestException : Exception
{
    /// <summary>Creates an exception with the default text.</summary>
    public PumpsTestException()
    {
    }

    /// <param name="message">What was expected and what happened.</param>
    public PumpsTestException(string message)
        : base(message)
    {
    }

    /// <param name="message">What was expected and what happened.</param>
    /// <param name="innerException">What it was caused by.</param>
    public PumpsTestException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
