namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>
/// The membership of silo processes on one machine, in a folder, with no server and no silo that carries it. Silos whose process is
/// gone are marked dead by whoever reads, so that neither a kill nor an earlier run holds anybody up. Thread-safe.
/// </summary>
internal sealed class FileMembershipTable(string folder, TimeProvider time) : IMembershipTable, IDisposable
{
    private readonly MembershipFiles _files = new(folder, time);
    private readonly SiloLocks _locks = new(Path.Combine(folder, "silos"));

    /// <summary>The silos now; those that are gone are marked dead, here and in the file.</summary>
    /// <exception cref="AirException">The file is damaged.</exception>
    public MembershipBook Read()
    {
        var book = _files.Read();
        var gone = Gone(book);
        if (gone.Count == 0)
        {
            return book;
        }

        _files.Change(book => book.Bury(gone.Contains));
        foreach (var silo in gone)
        {
            _locks.Remove(silo);
        }

        return _files.Read();
    }

    /// <summary>The silos now, without those that are gone; writes nothing.</summary>
    /// <exception cref="AirException">The file is damaged.</exception>
    public MembershipBook Peek()
    {
        var book = _files.Read();
        return book.Bury(Gone(book).Contains);
    }

    public Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        Directory.CreateDirectory(folder);
        Read();
        return Task.CompletedTask;
    }

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        _files.Change(static book => book.Cleared());
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        _files.Change(book => book.WithoutDefunct(beforeDate));
        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Read().ReadRow(key));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Read().ReadAll());

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        _locks.Take(entry.SiloAddress.ToParsableString());
        return Task.FromResult(_files.Change(book => book.Insert(entry, tableVersion)));
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        Task.FromResult(_files.Change(book => book.Update(entry, etag, tableVersion)));

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        _files.Change(book => book.SetAlive(entry.SiloAddress, entry.IAmAliveTime));
        return Task.CompletedTask;
    }

    public void Dispose() => _locks.Dispose();

    private HashSet<string> Gone(MembershipBook book) =>
        [
            .. book
                .Rows.Values.Where(row => row.Status != SiloStatus.Dead && _locks.IsGone(row.Silo))
                .Select(static row => row.Silo),
        ];
}
