namespace WsPumps.Testing;

/// <summary>
/// A test's expectation was not met, or cannot be met any more. The text says what was expected, and what happened instead.
/// </summary>
public sealed class PumpsTestException : Exception
{
    /// <summary>Without a text of its own.</summary>
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
