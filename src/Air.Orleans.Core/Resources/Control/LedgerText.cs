namespace Air.Orleans.Core.Resources.Control;

/// <summary>Says in words what a request lacks.</summary>
internal static class LedgerText
{
    private const int MostSilos = 8;

    /// <summary>Such as "needs 4 GPU on one silo; the most that any has is 2 (S1: 2 GPU, free 1 GPU)."</summary>
    public static string Shortage(PlacementRequest request, BundleNeed[] needs, IReadOnlyCollection<SiloBook> silos)
    {
        var together = request.Strategy == PlacementGroupStrategy.StrictPack || needs.Length == 1;
        var amount = together
            ? request.Bundles.Aggregate(new ResourceSet(), static (sum, bundle) => sum + bundle.Resources)
            : request.Bundles[needs.Index().MaxBy(static need => need.Item.Size).Index].Resources;
        var what = (together, request.Strategy) switch
        {
            (true, _) => $"needs {amount} on one silo{Kind(request.Bundles[0])}",
            (_, PlacementGroupStrategy.StrictSpread) =>
                $"needs {needs.Length} bundles of up to {amount} on {needs.Length} different silos",
            _ => $"needs {needs.Length} bundles of up to {amount}",
        };
        var kind = silos.Where(silo => request.Bundles.Any(silo.IsOfKind)).ToList();
        return $"{what}; {Most(amount, request.Bundles[0], kind, silos.Count)} ({Listed(silos)}).";
    }

    private static string Kind(Bundle bundle) => (bundle with { Resources = new() }).ToString()["nothing".Length..];

    private static string Most(ResourceSet amount, Bundle bundle, List<SiloBook> kind, int all)
    {
        if (all == 0)
        {
            return "the cluster has no silo yet";
        }

        if (kind.Count == 0)
        {
            return "no silo is of that kind";
        }

        foreach (var name in amount.AllNames.Where(name => amount[name] > 0))
        {
            var most = kind.Max(silo => Has(silo, name, bundle));
            if (most < amount[name])
            {
                return $"the most that any has is {Amount(name, most)}";
            }
        }

        foreach (var name in amount.AllNames.Where(name => amount[name] > 0))
        {
            var most = kind.Max(silo => silo.Free[name]);
            if (most < amount[name])
            {
                return $"the most that is free on any is {Amount(name, most)}";
            }
        }

        return "each amount is free on some silo, but not all that it needs at once";
    }

    private static double Has(SiloBook silo, string name, Bundle bundle) =>
        name == "GPU" ? silo.GpuOfType(bundle.AcceleratorType) / (double)BundleNeed.One : silo.Offer.Resources[name];

    private static string Amount(string name, double amount) => ResourceSet.Text(name, amount);

    private static string Listed(IReadOnlyCollection<SiloBook> silos)
    {
        var listed = silos
            .Take(MostSilos)
            .Select(static silo => $"silo {silo.Name}: {silo.Offer.Resources}, free {silo.Free}");
        var text = string.Join("; ", listed);
        return text.Length == 0 ? "no silos"
            : silos.Count > MostSilos ? $"{text}; and {silos.Count - MostSilos} more"
            : text;
    }
}
