using System.Text.Json;
using System.Text.Json.Serialization;
using WsPumps;

namespace Chat;

/// <summary>What a page sends.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Join), "join")]
[JsonDerivedType(typeof(Say), "say")]
internal abstract record FromPage;

/// <param name="Name">The name that is wished for.</param>
/// <param name="Session">A secret of the page, the same each time it comes back: it finds its place again by it.</param>
/// <param name="User">A secret of the browser, the same in all its pages; null where each page is a user of its own.</param>
/// <param name="Room">Which room; null for the lobby.</param>
internal sealed record Join(string? Name, string? Session, string? User = null, string? Room = null) : FromPage;

/// <param name="Text">What is said.</param>
/// <param name="Key">Names the message, so that a page can send it again when it does not know whether it arrived.</param>
internal sealed record Say(string? Text, string? Key) : FromPage;

/// <summary>What the server sends.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Welcome), "welcome")]
[JsonDerivedType(typeof(Online), "online")]
[JsonDerivedType(typeof(Said), "said")]
[JsonDerivedType(typeof(Refused), "refused")]
internal abstract record ToPage
{
    public PreparedMessage Encode() => PreparedMessage.Text(JsonSerializer.SerializeToUtf8Bytes(this, ChatJson.Default.ToPage));
}

/// <summary>The answer to <see cref="Join"/>: who the page is from now on, and where.</summary>
internal sealed record Welcome(Person You, string Room) : ToPage;

/// <param name="Version">Grows with each change. Lists may overtake each other on the way; the one with the highest version counts.</param>
/// <param name="People">Everybody who is in the room.</param>
/// <param name="Joined">Who has just come.</param>
/// <param name="Left">Who has just gone.</param>
internal sealed record Online(long Version, IReadOnlyList<Present> People, Person? Joined = null, Person? Left = null) : ToPage;

internal sealed record Said(Person By, string Text, string Key, DateTimeOffset Time) : ToPage;

/// <param name="Reason">A sentence for the user.</param>
/// <param name="Key">The message that was refused; null when it was none.</param>
internal sealed record Refused(string Reason, string? Key = null) : ToPage;

internal sealed record Person(string Id, string Name);

/// <param name="Id">Of the person.</param>
/// <param name="Name">Of the person.</param>
/// <param name="Pages">How many pages of the room the person has open.</param>
internal sealed record Present(string Id, string Name, int Pages);

internal sealed record Room(string Name, int Pages);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(FromPage))]
[JsonSerializable(typeof(ToPage))]
[JsonSerializable(typeof(IEnumerable<Room>))]
internal sealed partial class ChatJson : JsonSerializerContext;
