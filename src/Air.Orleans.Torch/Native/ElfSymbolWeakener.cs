using System.Buffers.Binary;
using System.Text;

namespace Air.Orleans.Torch.Native;

/// <summary>
/// Makes one versioned symbol of an ELF library weak, so that the library also loads where a dependency does not offer
/// that symbol's version. A pure function over bytes.
/// </summary>
/// <remarks>
/// Two places change: the flags of the version's entry in <c>.gnu.version_r</c> get VER_FLG_WEAK (the loader then
/// warns instead of refusing), and the symbol's entry in <c>.dynsym</c> gets the binding STB_WEAK (it then may stay
/// unresolved). Layouts: System V ABI, chapter 4, and Linux Standard Base Core, section "Symbol Versioning"; both
/// little-endian, 64 bit.
/// </remarks>
internal static class ElfSymbolWeakener
{
    private const uint DynamicSymbols = 11;
    private const uint VersionNeeds = 0x6FFFFFFE;
    private const uint VersionIndexes = 0x6FFFFFFF;
    private const ushort WeakVersion = 0x2;
    private const byte GlobalBinding = 1;
    private const byte WeakBinding = 2;
    private const int SymbolBytes = 24;
    private const int VersionEntryBytes = 16;

    /// <summary>Gives a copy of the library in which the symbol and its version are weak.</summary>
    /// <param name="library">The whole file.</param>
    /// <param name="version">The version that is missing elsewhere, such as <c>GLIBCXX_3.4.32</c>.</param>
    /// <param name="symbol">The mangled name of the only symbol that needs this version.</param>
    /// <exception cref="BadImageFormatException">
    /// The file is no little-endian ELF64 library, a table reaches beyond its end, or there is not exactly one such
    /// version and one such undefined strong symbol, the version's only user: then nothing can be promised about the
    /// result.
    /// </exception>
    public static byte[] Weaken(ReadOnlySpan<byte> library, string version, string symbol)
    {
        try
        {
            return WeakenCore(library, version, symbol);
        }
        catch (Exception exception)
            when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException or OverflowException)
        {
            throw new BadImageFormatException(
                $"The ELF file of {library.Length} bytes is damaged: a table reaches beyond its end.",
                exception
            );
        }
    }

    private static byte[] WeakenCore(ReadOnlySpan<byte> library, string version, string symbol)
    {
        var sections = ReadSections(library);
        var versionEntries = FindVersions(library, sections, version);
        var symbolEntries = FindSymbols(library, sections, symbol);
        if (versionEntries.Count != 1 || symbolEntries.Count != 1)
            throw new BadImageFormatException(
                $"Exactly 2 places must be patched, one version '{version}' and one undefined global symbol "
                    + $"'{symbol}', but {versionEntries.Count} and {symbolEntries.Count} were found."
            );
        var (flags, versionIndex) = versionEntries[0];
        CheckOnlyUser(library, sections, versionIndex, symbolEntries[0].Index, version, symbol);

        var copy = library.ToArray();
        var oldFlags = BinaryPrimitives.ReadUInt16LittleEndian(copy.AsSpan(flags));
        BinaryPrimitives.WriteUInt16LittleEndian(copy.AsSpan(flags), (ushort)(oldFlags | WeakVersion));
        ref var info = ref copy[symbolEntries[0].InfoOffset];
        info = (byte)((WeakBinding << 4) | (info & 0xF));
        return copy;
    }

    private static List<Section> ReadSections(ReadOnlySpan<byte> library)
    {
        // e_ident: magic, 2 = 64 bit, 1 = little-endian.
        if (library.Length < 64 || !library.StartsWith("\u007FELF\u0002\u0001"u8))
            throw new BadImageFormatException("The file is not a little-endian ELF64 library.");
        var table = checked((int)U64(library, 0x28));
        var entryBytes = U16(library, 0x3A);
        var count = U16(library, 0x3C);
        var sections = new List<Section>(count);
        for (var index = 0; index < count; index++)
        {
            var header = library.Slice(checked(table + index * entryBytes), 64);
            sections.Add(
                new Section(
                    Type: U32(header, 4),
                    Offset: checked((int)U64(header, 24)),
                    ByteCount: checked((int)U64(header, 32)),
                    Link: checked((int)U32(header, 40)),
                    Info: U32(header, 44)
                )
            );
        }

        return sections;
    }

    /// <summary>The entries (Elf64_Vernaux) of the version: where their flags are, and their version index.</summary>
    private static List<(int Flags, ushort Index)> FindVersions(
        ReadOnlySpan<byte> library,
        List<Section> sections,
        string version
    )
    {
        var found = new List<(int, ushort)>();
        foreach (var section in sections.Where(section => section.Type == VersionNeeds))
        {
            var names = sections[section.Link];
            var need = section.Offset;
            for (var files = section.Info; files > 0; files--)
            {
                var entry = Next(library, need, 8);
                for (var left = U16(library, need + 2); left > 0; left--)
                {
                    if (NameIs(library, names, U32(library, entry + 8), version))
                        found.Add((entry + 4, U16(library, entry + 6)));
                    if (left > 1)
                        entry = Next(library, entry, 12);
                }

                if (files > 1)
                    need = Next(library, need, 12);
            }
        }

        return found;
    }

    /// <summary>The entries (Elf64_Sym) of undefined global symbols of this name.</summary>
    private static List<(int Index, int InfoOffset)> FindSymbols(
        ReadOnlySpan<byte> library,
        List<Section> sections,
        string symbol
    )
    {
        var found = new List<(int, int)>();
        foreach (var section in sections.Where(section => section.Type == DynamicSymbols))
        {
            for (var index = 0; index < section.ByteCount / SymbolBytes; index++)
            {
                var entry = section.Offset + index * SymbolBytes;
                var isUndefined = U16(library, entry + 6) == 0;
                var isGlobal = library[entry + 4] >> 4 == GlobalBinding;
                if (isUndefined && isGlobal && NameIs(library, sections[section.Link], U32(library, entry), symbol))
                    found.Add((index, entry + 4));
            }
        }

        return found;
    }

    /// <summary>Another symbol of the same version would stay strong and fail when it is first called.</summary>
    private static void CheckOnlyUser(
        ReadOnlySpan<byte> library,
        List<Section> sections,
        ushort versionIndex,
        int symbolIndex,
        string version,
        string symbol
    )
    {
        var users = new List<int>();
        foreach (var section in sections.Where(section => section.Type == VersionIndexes))
        {
            for (var index = 0; index < section.ByteCount / 2; index++)
            {
                if ((U16(library, section.Offset + index * 2) & 0x7FFF) == versionIndex)
                    users.Add(index);
            }
        }

        if (users is not [var only] || only != symbolIndex)
            throw new BadImageFormatException(
                $"'{symbol}' must be the only symbol of version '{version}', but {users.Count} symbols have it."
            );
    }

    private static bool NameIs(ReadOnlySpan<byte> library, Section names, uint offset, string expected)
    {
        var name = library.Slice(names.Offset, names.ByteCount)[checked((int)offset)..];
        var end = name.IndexOf((byte)0);
        return end == expected.Length && Encoding.ASCII.GetString(name[..end]) == expected;
    }

    /// <summary>Follows a distance from one entry to another. Both kinds have 16 bytes, so it is never less.</summary>
    private static int Next(ReadOnlySpan<byte> library, int entry, int distanceOffset)
    {
        var distance = U32(library, entry + distanceOffset);
        if (distance < VersionEntryBytes)
            throw new BadImageFormatException($"The version entry at byte {entry} points {distance} bytes ahead.");
        return checked(entry + (int)distance);
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private readonly record struct Section(uint Type, int Offset, int ByteCount, int Link, uint Info);
}
