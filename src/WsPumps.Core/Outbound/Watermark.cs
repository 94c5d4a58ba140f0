namespace WsPumps.Outbound;

/// <summary>A mark that the fill of a queue has passed.</summary>
internal enum Watermark
{
    None,
    High,
    Low,
}
