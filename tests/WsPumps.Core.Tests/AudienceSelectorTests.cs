using System.Buffers;

namespace WsPumps.Core.Tests;

public sealed class AudienceSelectorTests
{
    public static TheoryData<AudienceSelector, string> Selectors => new()
    {
        { AudienceSelector.All, "all clients" },
        { AudienceSelector.Groups("a"), "groups 'a'" },
        { AudienceSelector.Groups("b", "a", "b"), "groups 'b', 'a'" },
        { AudienceSelector.Groups(), "groups of no name" },
        { AudienceSelector.Users("zoë"), "users 'zoë'" },
        { AudienceSelector.Clients("x").Except("y", "z"), "clients 'x' except clients 'y', 'z'" },
        { AudienceSelector.All.Except("1", "2", "3", "4", "5", "6").OnNode("n"), "all clients except clients '1', '2', '3', '4', '5', '6' on node 'n'" },
    };

    [Theory]
    [MemberData(nameof(Selectors))]
    public void WriteTo_ThenRead_IsEqualAndLeavesWhatFollows(AudienceSelector selector, string text)
    {
        var output = new ArrayBufferWriter<byte>();
        selector.WriteTo(output);
        var length = output.WrittenCount;
        output.Write("more"u8);

        AudienceSelector.TryRead(output.WrittenSpan, out var read, out var bytesRead).Should().BeTrue();

        bytesRead.Should().Be(length);
        read.Should().Be(selector);
        read!.GetHashCode().Should().Be(selector.GetHashCode());
        read.ToString().Should().Be(text);
        for (var cut = 0; cut < length; cut++)
            AudienceSelector.TryRead(output.WrittenSpan[..cut], out _, out _).Should().BeFalse();
    }

    [Fact]
    public void TryRead_RandomBytes_NeverThrows()
    {
        var random = new Random(1);
        var output = new ArrayBufferWriter<byte>();
        AudienceSelector.Groups("chess", "go").Except("1").WriteTo(output);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = output.WrittenSpan.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);

            AudienceSelector.TryRead(bytes, out var read, out var length);
            (read is null ? length == 0 : length <= bytes.Length).Should().BeTrue();
        }
    }

    [Fact]
    public void Equals_OrderAndDuplicates_DoNotMatter()
    {
        AudienceSelector.Groups("a", "b", "a").Except("x", "y").Should().Be(AudienceSelector.Groups("b", "a").Except("y").Except("x"));
        AudienceSelector.Groups("a").Should().NotBe(AudienceSelector.Users("a"));
        AudienceSelector.All.Should().NotBe(AudienceSelector.All.Except("x"));
        AudienceSelector.All.Should().NotBe(AudienceSelector.All.OnNode("n"));
    }

    public static TheoryData<Action, string> WrongArguments => new()
    {
        { () => AudienceSelector.Groups(""), "*group name is null or empty*" },
        { () => AudienceSelector.Users("ann", null!), "*user id is null or empty*" },
        { () => AudienceSelector.Clients((string)null!), "*client id is null or empty*" },
        { () => AudienceSelector.All.Except(""), "*client id is null or empty*" },
        { () => new Broadcaster(new Manager()).Except((IClient)null!), "*client to leave out is null*" },
        { () => new Broadcaster(new Manager(), _ => null!).All.Write("x"), "*returned no route*" },
    };

    [Theory]
    [MemberData(nameof(WrongArguments))]
    public void Arguments_NullOrEmpty_AreRefusedWithASentence(Action call, string message) =>
        call.Should().Throw<ArgumentException>().WithMessage(message);

    [Fact]
    public void Audience_SameBroadcasterAndSelector_IsEqual()
    {
        var broadcaster = new Broadcaster(new Manager());

        broadcaster.Group("a").Should().Be(broadcaster.Groups("a"));
        broadcaster.Group("a").Should().NotBe(new Broadcaster(new Manager()).Group("a"));
        broadcaster.Group("a").ToString().Should().Be("groups 'a'");
    }
}
