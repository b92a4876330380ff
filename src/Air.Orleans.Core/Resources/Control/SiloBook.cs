namespace Air.Orleans.Core.Resources.Control;

/// <summary>
/// What one silo offers and what of it is taken; the ledger keeps one of each silo, and each silo its own. A fraction of a GPU shares a
/// device, the fullest on which it still fits; whole GPUs are empty devices.
/// </summary>
internal sealed class SiloBook
{
    private long _cpu;
    private long _memory;
    private long[] _devices = [];
    private readonly Dictionary<string, long> _custom = new(StringComparer.Ordinal);
    private long _cpuTaken;
    private long _memoryTaken;
    private long[] _devicesTaken = [];
    private readonly Dictionary<string, long> _customTaken = new(StringComparer.Ordinal);

    public SiloBook(string name, SiloOffer offer)
    {
        Name = name;
        Declare(offer);
    }

    public string Name { get; }

    public SiloOffer Offer { get; private set; } = null!;

    public long FreeCpu => _cpu - _cpuTaken;

    public long FreeMemory => _memory - _memoryTaken;

    public long FreeGpu
    {
        get
        {
            long free = 0;
            for (var i = 0; i < _devices.Length; i++)
            {
                free += Math.Max(0, _devices[i] - _devicesTaken[i]);
            }

            return free;
        }
    }

    /// <summary>What of each amount that is declared is free; below 0 where less was declared than is taken.</summary>
    public ResourceSet Free =>
        new()
        {
            Cpu = FreeCpu / (double)BundleNeed.One,
            Gpu = FreeGpu / (double)BundleNeed.One,
            MemoryBytes = FreeMemory,
            Custom = _custom.ToDictionary(
                static it => it.Key,
                it => (it.Value - _customTaken.GetValueOrDefault(it.Key)) / (double)BundleNeed.One
            ),
        };

    /// <summary>Whether nothing is taken beyond what is offered.</summary>
    public bool IsWithinOffer =>
        _cpuTaken <= _cpu
        && _memoryTaken <= _memory
        && _devicesTaken.Index().All(it => it.Item <= (it.Index < _devices.Length ? _devices[it.Index] : 0))
        && _customTaken.All(it => it.Value <= _custom.GetValueOrDefault(it.Key));

    /// <summary>The same silo with nothing taken.</summary>
    public SiloBook Emptied() => new(Name, Offer);

    /// <summary>The silo offers something else from now on; what is taken stays taken.</summary>
    public void Declare(SiloOffer offer)
    {
        Offer = offer;
        _cpu = BundleNeed.Units(offer.Resources.Cpu);
        _memory = (long)offer.Resources.MemoryBytes;
        var gpu = BundleNeed.Units(offer.Resources.Gpu);
        _devices = new long[(gpu + BundleNeed.One - 1) / BundleNeed.One];
        for (var i = 0; i < _devices.Length; i++)
        {
            _devices[i] = Math.Min(BundleNeed.One, gpu - (i * BundleNeed.One));
        }

        if (_devicesTaken.Length < _devices.Length)
        {
            Array.Resize(ref _devicesTaken, _devices.Length);
        }

        _custom.Clear();
        foreach (var (name, amount) in offer.Resources.Custom)
        {
            _custom[name] = BundleNeed.Units(amount);
        }
    }

    /// <summary>Whether the silo is of the kind that the bundle wants: its labels, and its name.</summary>
    public bool IsOfKind(Bundle bundle)
    {
        if (bundle.Silo is { } only && only != Name)
        {
            return false;
        }

        foreach (var (label, value) in bundle.Labels)
        {
            if (!Offer.Labels.TryGetValue(label, out var has) || has != value)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How much GPU there is of the type that the bundle wants, taken or free.</summary>
    public long GpuOfType(string? type)
    {
        long all = 0;
        for (var i = 0; i < _devices.Length; i++)
        {
            all += IsOfType(i, type) ? _devices[i] : 0;
        }

        return all;
    }

    /// <summary>Takes what the bundle needs where that is free.</summary>
    public bool TryTake(BundleNeed need, out int[] devices)
    {
        devices = [];
        if (!CoversButGpu(need) || !IsOfKind(need.Bundle))
        {
            return false;
        }

        if (need.Gpu > 0)
        {
            if (ChooseDevices(need) is not { } chosen)
            {
                return false;
            }

            devices = chosen;
        }

        Take(need, devices);
        return true;
    }

    /// <summary>Whether just these devices, and the rest of the bundle, are free.</summary>
    public bool Covers(BundleNeed need, int[] devices) =>
        CoversButGpu(need)
        && devices.All(device =>
            device < _devices.Length && _devices[device] - _devicesTaken[device] >= Math.Min(need.Gpu, BundleNeed.One)
        );

    /// <summary>Notes that the bundle is taken, whatever is free.</summary>
    public void Take(BundleNeed need, int[] devices) => Move(need, devices, 1);

    /// <summary>Gives back what the bundle has taken.</summary>
    public void Give(BundleNeed need, int[] devices) => Move(need, devices, -1);

    private void Move(BundleNeed need, int[] devices, int sign)
    {
        _cpuTaken += sign * need.Cpu;
        _memoryTaken += sign * need.Memory;
        foreach (var (name, amount) in need.Custom)
        {
            _customTaken[name] = _customTaken.GetValueOrDefault(name) + (sign * amount);
        }

        foreach (var device in devices)
        {
            if (device >= _devicesTaken.Length)
            {
                Array.Resize(ref _devicesTaken, device + 1);
            }

            _devicesTaken[device] += sign * Math.Min(need.Gpu, BundleNeed.One);
        }
    }

    private bool CoversButGpu(BundleNeed need)
    {
        if ((need.Cpu > 0 && need.Cpu > FreeCpu) || (need.Memory > 0 && need.Memory > FreeMemory))
        {
            return false;
        }

        foreach (var (name, amount) in need.Custom)
        {
            if (amount > _custom.GetValueOrDefault(name) - _customTaken.GetValueOrDefault(name))
            {
                return false;
            }
        }

        return true;
    }

    private int[]? ChooseDevices(BundleNeed need)
    {
        if (need.Gpu < BundleNeed.One)
        {
            var best = -1;
            for (var i = 0; i < _devices.Length; i++)
            {
                var free = _devices[i] - _devicesTaken[i];
                if (
                    free >= need.Gpu
                    && IsOfType(i, need.Bundle.AcceleratorType)
                    && (best < 0 || free < _devices[best] - _devicesTaken[best])
                )
                {
                    best = i;
                }
            }

            return best < 0 ? null : [best];
        }

        var count = (int)(need.Gpu / BundleNeed.One);
        var whole = new List<int>(count);
        for (var i = 0; i < _devices.Length && whole.Count < count; i++)
        {
            if (_devices[i] - _devicesTaken[i] >= BundleNeed.One && IsOfType(i, need.Bundle.AcceleratorType))
            {
                whole.Add(i);
            }
        }

        return whole.Count == count ? [.. whole] : null;
    }

    private bool IsOfType(int device, string? type) =>
        type is null || (device < Offer.Accelerators.Count && Offer.Accelerators[device] == type);
}
