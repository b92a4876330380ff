namespace Air.Orleans.Core.Resources.Control;

/// <summary>
/// Finds silos for all bundles of a group, by its strategy, and takes them; or takes nothing. STRICT_PACK and STRICT_SPREAD are decided
/// exactly (but for fractions of GPUs, which are packed largest first); PACK and SPREAD by a search that gives up after
/// <see cref="MaxSteps"/> steps.
/// </summary>
internal sealed class BundlePlacer(PlacementGroupStrategy strategy, IReadOnlyList<SiloBook> silos)
{
    private const int MaxSteps = 5_000;

    private int _steps;

    /// <summary>Whether the last search ended before it had tried everything.</summary>
    public bool GaveUp => _steps >= MaxSteps;

    /// <summary>Takes a place for each bundle; null where that cannot be. <paramref name="standing"/> are silos of the group's other bundles.</summary>
    public (SiloBook Silo, int[] Devices)[]? Place(
        IReadOnlyList<BundleNeed> needs,
        IReadOnlyCollection<SiloBook> standing
    )
    {
        _steps = 0;
        if (needs.Count == 1 && standing.Count == 0)
        {
            foreach (var silo in Ranked(needs, []))
            {
                if (silo.TryTake(needs[0], out var devices))
                {
                    return [(silo, devices)];
                }
            }

            return null;
        }

        var order = Enumerable.Range(0, needs.Count).OrderByDescending(i => needs[i].Size).ToArray();
        return strategy switch
        {
            PlacementGroupStrategy.StrictPack => OnOne(needs, order, standing),
            PlacementGroupStrategy.StrictSpread => Apart(needs, standing),
            PlacementGroupStrategy.Pack => OnOne(needs, order, standing) ?? Search(needs, order, standing),
            _ => Apart(needs, standing) ?? Search(needs, order, standing),
        };
    }

    private (SiloBook, int[])[]? OnOne(
        IReadOnlyList<BundleNeed> needs,
        int[] order,
        IReadOnlyCollection<SiloBook> standing
    )
    {
        if (standing.Distinct().Skip(1).Any())
        {
            return null;
        }

        var candidates = standing.Count > 0 ? silos.Where(standing.Contains) : Ranked(needs, []);
        foreach (var silo in candidates.ToList())
        {
            var placed = new (SiloBook Silo, int[] Devices)[needs.Count];
            var done = 0;
            while (done < order.Length && silo.TryTake(needs[order[done]], out var devices))
            {
                placed[order[done]] = (silo, devices);
                done++;
            }

            if (done == order.Length)
            {
                return placed;
            }

            for (var i = 0; i < done; i++)
            {
                silo.Give(needs[order[i]], placed[order[i]].Devices);
            }
        }

        return null;
    }

    /// <summary>Each bundle on a silo of its own: a matching, found by augmenting paths.</summary>
    private (SiloBook, int[])[]? Apart(IReadOnlyList<BundleNeed> needs, IReadOnlyCollection<SiloBook> standing)
    {
        var candidates = Ranked(needs, []).Where(silo => !standing.Contains(silo)).ToList();
        if (candidates.Count < needs.Count)
        {
            return null;
        }

        var fits = needs.Select(need => candidates.Select(silo => Fits(silo, need)).ToArray()).ToArray();
        var bundleOf = new int[candidates.Count];
        Array.Fill(bundleOf, -1);
        for (var bundle = 0; bundle < needs.Count; bundle++)
        {
            if (!Augment(bundle, new bool[candidates.Count]))
            {
                return null;
            }
        }

        var placed = new (SiloBook, int[])[needs.Count];
        for (var i = 0; i < candidates.Count; i++)
        {
            if (bundleOf[i] >= 0)
            {
                candidates[i].TryTake(needs[bundleOf[i]], out var devices);
                placed[bundleOf[i]] = (candidates[i], devices);
            }
        }

        return placed;

        bool Augment(int bundle, bool[] seen)
        {
            for (var i = 0; i < candidates.Count; i++)
            {
                if (!fits[bundle][i] || seen[i])
                {
                    continue;
                }

                seen[i] = true;
                if (bundleOf[i] < 0 || Augment(bundleOf[i], seen))
                {
                    bundleOf[i] = bundle;
                    return true;
                }
            }

            return false;
        }
    }

    private (SiloBook, int[])[]? Search(
        IReadOnlyList<BundleNeed> needs,
        int[] order,
        IReadOnlyCollection<SiloBook> standing
    )
    {
        var uses = silos.ToDictionary(static silo => silo, silo => standing.Count(other => other == silo));
        var placed = new (SiloBook Silo, int[] Devices)[needs.Count];
        return Step(0) ? placed : null;

        bool Step(int depth)
        {
            if (depth == order.Length)
            {
                return true;
            }

            var need = needs[order[depth]];
            foreach (var silo in Ranked([need], uses))
            {
                if (_steps >= MaxSteps)
                {
                    return false;
                }

                _steps++;
                if (!silo.TryTake(need, out var devices))
                {
                    continue;
                }

                placed[order[depth]] = (silo, devices);
                uses[silo]++;
                if (Step(depth + 1))
                {
                    return true;
                }

                uses[silo]--;
                silo.Give(need, devices);
            }

            return false;
        }
    }

    private static bool Fits(SiloBook silo, BundleNeed need)
    {
        if (!silo.TryTake(need, out var devices))
        {
            return false;
        }

        silo.Give(need, devices);
        return true;
    }

    /// <summary>
    /// The silos, best first: by the strategy those in use first or last; then those with the least GPU, so that GPUs are kept for who
    /// needs them; then those with the most CPU, so that work spreads.
    /// </summary>
    private List<SiloBook> Ranked(IReadOnlyList<BundleNeed> needs, Dictionary<SiloBook, int> uses)
    {
        var kind = silos.Where(silo => needs.Any(need => silo.IsOfKind(need.Bundle)));
        var sign = strategy is PlacementGroupStrategy.Pack or PlacementGroupStrategy.StrictPack ? -1 : 1;
        return
        [
            .. kind.OrderBy(silo => sign * uses.GetValueOrDefault(silo))
                .ThenBy(static silo => silo.FreeGpu)
                .ThenByDescending(static silo => silo.FreeCpu),
        ];
    }
}
