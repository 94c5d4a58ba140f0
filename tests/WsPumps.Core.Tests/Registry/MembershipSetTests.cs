using WsPumps.Registry;

namespace WsPumps.Core.Tests.Registry;

public class MembershipSetTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 20)]
    [InlineData(3, 500)]
    public void AddFindRemove_Random_IsTheModel(int seed, int groupCount)
    {
        var random = new Random(seed);
        var map = new GroupMap();
        var client = new RecordingClient();
        var groups = Enumerable.Range(0, groupCount).Select(i => new Group($"{i}", map)).ToArray();
        var model = new Dictionary<Group, Membership>();
        var set = new MembershipSet();
        for (var step = 0; step < 20_000; step++)
        {
            var group = groups[random.Next(groups.Length)];
            set.Find(group).Should().BeSameAs(model.GetValueOrDefault(group));
            if (model.Remove(group, out var membership))
            {
                set.Remove(membership);
            }
            else
            {
                model[group] = new Membership(client, group);
                set.Add(model[group]);
            }

            set.Count.Should().Be(model.Count);
        }

        set.ToArray().ToHashSet().SetEquals(model.Values).Should().BeTrue();
    }
}
