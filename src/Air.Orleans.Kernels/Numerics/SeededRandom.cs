using System.Numerics;

namespace Air.Orleans.Kernels.Numerics;

/// <summary>
/// Gives random numbers that are the same for the same seed on every machine and in every version of .NET.
/// </summary>
/// <remarks>
/// The generator is xoshiro256** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4), 2021)
/// with its 256 bits of state filled by SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
/// OOPSLA 2014), as its authors advise. Not for cryptography. Not thread-safe: give each thread a <see cref="Fork"/>.
/// </remarks>
public sealed class SeededRandom
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;

    private readonly ulong seed;
    private ulong s0;
    private ulong s1;
    private ulong s2;
    private ulong s3;
    private double spareGaussian = double.NaN;

    /// <summary>Starts the sequence that belongs to a seed.</summary>
    /// <param name="seed">Any number; near seeds give unrelated sequences.</param>
    public SeededRandom(ulong seed)
    {
        this.seed = seed;
        s0 = Mix(seed + GoldenGamma);
        s1 = Mix(unchecked(seed + (2 * GoldenGamma)));
        s2 = Mix(unchecked(seed + (3 * GoldenGamma)));
        s3 = Mix(unchecked(seed + (4 * GoldenGamma)));
    }

    /// <summary>
    /// Gives the generator of a numbered sub-sequence. It depends on this one's seed and on <paramref name="stream"/>, not on
    /// how many numbers were drawn.
    /// </summary>
    /// <param name="stream">The sub-sequence's number, such as a worker's rank or an epoch.</param>
    public SeededRandom Fork(ulong stream) => new(Mix(Mix(seed ^ GoldenGamma) + (stream * GoldenGamma) + 1));

    /// <summary>Gives 64 random bits.</summary>
    public ulong NextUInt64()
    {
        var result = BitOperations.RotateLeft(s1 * 5, 7) * 9;
        var shifted = s1 << 17;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = BitOperations.RotateLeft(s3, 45);
        return result;
    }

    /// <summary>Gives a multiple of 2^-53 in [0, 1), each equally likely.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// Gives a whole number in [0, <paramref name="max"/>), each exactly equally likely (Lemire, "Fast Random Integer
    /// Generation in an Interval", ACM TOMACS 29(1), 2019).
    /// </summary>
    /// <param name="max">The number of values; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is less than 1.</exception>
    public int NextInt(int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var range = (uint)max;
        var product = (NextUInt64() >> 32) * range;
        if ((uint)product < range)
        {
            var rejected = (0 - range) % range;
            while ((uint)product < rejected)
            {
                product = (NextUInt64() >> 32) * range;
            }
        }

        return (int)(product >> 32);
    }

    /// <summary>
    /// Gives a number of the standard normal distribution by the polar method (Marsaglia and Bray, "A Convenient Method for
    /// Generating Normal Variables", SIAM Review 6(3), 1964). It uses the platform's logarithm, so the last bit may differ
    /// between operating systems.
    /// </summary>
    public double NextGaussian()
    {
        if (!double.IsNaN(spareGaussian))
        {
            var spare = spareGaussian;
            spareGaussian = double.NaN;
            return spare;
        }

        while (true)
        {
            var x = (2 * NextDouble()) - 1;
            var y = (2 * NextDouble()) - 1;
            var square = (x * x) + (y * y);
            if (square is > 0 and < 1)
            {
                var factor = Math.Sqrt(-2 * Math.Log(square) / square);
                spareGaussian = y * factor;
                return x * factor;
            }
        }
    }

    // The finalizer of SplitMix64: a bijection of 64 bits in which every input bit changes about half of the output bits.
    internal static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
