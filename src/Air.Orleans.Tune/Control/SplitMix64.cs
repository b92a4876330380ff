using System.Text;

namespace Air.Orleans.Tune;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", OOPSLA, figure 17), keyed by
/// (seed, trial, purpose): a draw depends on these three alone, never on what was drawn for other trials or parameters.
/// </summary>
internal struct SplitMix64
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private ulong state;

    public SplitMix64(long seed, int trialIndex, string purpose)
    {
        var key = Mix(unchecked((ulong)seed + GoldenGamma));
        key = Mix(key ^ unchecked((ulong)trialIndex + GoldenGamma));
        state = Mix(key ^ Fnv1A(purpose));
    }

    /// <summary>Gives 64 random bits.</summary>
    public ulong Next() => Mix(state = unchecked(state + GoldenGamma));

    /// <summary>Gives a number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Gives an unbiased integer in [0, <paramref name="bound"/>), bound at least 1 (Lemire 2019, arXiv:1805.10941).</summary>
    public ulong NextBelow(ulong bound)
    {
        var high = Math.BigMul(Next(), bound, out var low);
        if (low < bound)
        {
            var threshold = unchecked(0UL - bound) % bound;
            while (low < threshold)
            {
                high = Math.BigMul(Next(), bound, out low);
            }
        }

        return high;
    }

    private static ulong Mix(ulong value)
    {
        unchecked
        {
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }

    // string.GetHashCode differs between processes; this one never does.
    private static ulong Fnv1A(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            hash = unchecked((hash ^ octet) * 0x100000001B3);
        }

        return hash;
    }
}
