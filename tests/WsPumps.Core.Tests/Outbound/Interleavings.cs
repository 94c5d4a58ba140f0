namespace WsPumps.Core.Tests.Outbound;

/// <summary>
/// Runs a small world of threads in every order that their steps can have, each time from the start. A step is one atomic operation of the code
/// under test, so that no real thread is needed to find a race between them.
/// </summary>
internal static class Interleavings
{
    /// <param name="create">A world at its start.</param>
    /// <param name="check">Throws when something is wrong. Called when no thread can go on.</param>
    /// <returns>How many orders there were.</returns>
    public static int Explore<T>(Func<T> create, Action<T> check)
        where T : IWorld
    {
        var choices = new List<(int Taken, int Of)>();
        var runs = 0;
        do
        {
            runs++;
            var world = create();
            for (var depth = 0; world.Ready() is { Count: > 0 } ready; depth++)
            {
                if (depth == choices.Count)
                    choices.Add((0, ready.Count));
                world.Step(ready[choices[depth].Taken]);
            }

            check(world);
        }
        while (Next(choices));

        return runs;
    }

    /// <summary>Goes back to the last choice that has an alternative left.</summary>
    private static bool Next(List<(int Taken, int Of)> choices)
    {
        while (choices.Count > 0 && choices[^1].Taken == choices[^1].Of - 1)
            choices.RemoveAt(choices.Count - 1);
        if (choices.Count == 0)
            return false;

        choices[^1] = (choices[^1].Taken + 1, choices[^1].Of);
        return true;
    }
}

internal interface IWorld
{
    /// <summary>The threads that can make a step, always in the same order.</summary>
    IReadOnlyList<int> Ready();

    void Step(int thread);
}
