using Air.Orleans.Torch.Native;

namespace Air.Orleans.Torch.Tests.Native;

public sealed class ElfSymbolWeakenerTests
{
    private static readonly byte[] Library = File.ReadAllBytes(
        NativeFolders.Find(NativeFolders.OfThisProcess(), NativeTorch.LinuxLibrary)!
    );

    [Fact]
    public void Weaken_ShippedLibrary_ChangesOneFlagAndOneBinding()
    {
        var patched = ElfSymbolWeakener.Weaken(Library, NativeTorch.MissingVersion, NativeTorch.MissingSymbol);

        Assert.Equal(Library.Length, patched.Length);
        var changed = Enumerable.Range(0, Library.Length).Where(i => Library[i] != patched[i]).ToArray();
        Assert.Equal(2, changed.Length);
        // In file order: the symbol's binding, GLOBAL FUNC to WEAK FUNC; then the version's flags.
        Assert.Equal((0x12, 0x22), (Library[changed[0]], patched[changed[0]]));
        Assert.Equal((0, 2), (Library[changed[1]], patched[changed[1]]));
    }

    [Fact]
    public void Weaken_AlreadyPatched_Refuses()
    {
        var patched = ElfSymbolWeakener.Weaken(Library, NativeTorch.MissingVersion, NativeTorch.MissingSymbol);

        var error = Assert.Throws<BadImageFormatException>(() =>
            ElfSymbolWeakener.Weaken(patched, NativeTorch.MissingVersion, NativeTorch.MissingSymbol)
        );

        Assert.Contains("Exactly 2 places", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 and 0 were found", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GLIBCXX_9.9.9", NativeTorch.MissingSymbol, "0 and 1 were found")]
    [InlineData(NativeTorch.MissingVersion, "_ZNoSuchSymbol", "1 and 0 were found")]
    [InlineData("GLIBCXX_3.4.30", NativeTorch.MissingSymbol, "only symbol of version 'GLIBCXX_3.4.30'")]
    [InlineData("GLIBCXX_3.4", NativeTorch.MissingSymbol, "only symbol of version 'GLIBCXX_3.4'")]
    public void Weaken_NotExactlyTwoPlaces_Refuses(string version, string symbol, string expected)
    {
        var error = Assert.Throws<BadImageFormatException>(() => ElfSymbolWeakener.Weaken(Library, version, symbol));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weaken_AnotherLibrary_Refuses()
    {
        var other = File.ReadAllBytes(NativeFolders.Find(NativeFolders.OfThisProcess(), "libc10.so")!);

        Assert.Throws<BadImageFormatException>(() =>
            ElfSymbolWeakener.Weaken(other, NativeTorch.MissingVersion, NativeTorch.MissingSymbol)
        );
    }

    [Fact]
    public void Weaken_CutShort_RefusesAtEveryLength()
    {
        var random = new Random(5);
        int[] lengths = [0, 1, 63, 64, 65, .. Enumerable.Range(0, 200).Select(_ => random.Next(Library.Length))];

        Assert.All(
            lengths,
            length =>
                Assert.Throws<BadImageFormatException>(() =>
                    ElfSymbolWeakener.Weaken(
                        Library.AsSpan(0, length),
                        NativeTorch.MissingVersion,
                        NativeTorch.MissingSymbol
                    )
                )
        );
    }

    [Fact]
    public void Weaken_DamagedHeader_RefusesOrPatchesTwoBytes()
    {
        // Any 4 bytes of the section table may be wrong: never another exception, never a third change.
        var table = (int)BitConverter.ToInt64(Library, 0x28);
        var random = new Random(6);
        for (var round = 0; round < 300; round++)
        {
            var damaged = (byte[])Library.Clone();
            random.NextBytes(damaged.AsSpan(random.Next(table, Library.Length - 4), 4));
            byte[] patched;
            try
            {
                patched = ElfSymbolWeakener.Weaken(damaged, NativeTorch.MissingVersion, NativeTorch.MissingSymbol);
            }
            catch (BadImageFormatException)
            {
                continue;
            }

            var first = damaged.AsSpan().CommonPrefixLength(patched);
            var second = first + 1 + damaged.AsSpan(first + 1).CommonPrefixLength(patched.AsSpan(first + 1));
            Assert.Equal(damaged[(second + 1)..], patched[(second + 1)..]);
        }
    }
}
