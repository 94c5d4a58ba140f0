using WsPumps;

namespace Chat;

/// <summary>One page in a room.</summary>
/// <param name="Client">Its connection.</param>
/// <param name="Room">The room.</param>
/// <param name="Person">Who it is to the others in the room.</param>
/// <param name="Session">The secret of the page.</param>
/// <param name="User">The secret of the user, who may have several pages.</param>
internal sealed record Place(IClient Client, string Room, Person Person, string Session, string User);
