namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>The membership of silos that share a process; they share this object. Thread-safe.</summary>
internal sealed class MemoryMembershipTable : IMembershipTable
{
    private MembershipBook _book = MembershipBook.Empty;

    /// <summary>The silos now.</summary>
    public MembershipBook Book => Volatile.Read(ref _book);

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId) => ChangeAsync(static book => book.Cleared());

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        ChangeAsync(book => book.WithoutDefunct(beforeDate));

    public Task<MembershipTableData> ReadRow(SiloAddress key) => Task.FromResult(Book.ReadRow(key));

    public Task<MembershipTableData> ReadAll() => Task.FromResult(Book.ReadAll());

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) =>
        ChangeAsync(book => book.Insert(entry, tableVersion));

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) =>
        ChangeAsync(book => book.Update(entry, etag, tableVersion));

    public Task UpdateIAmAlive(MembershipEntry entry) =>
        ChangeAsync(book => book.SetAlive(entry.SiloAddress, entry.IAmAliveTime));

    private Task<bool> ChangeAsync(Func<MembershipBook, MembershipBook?> change)
    {
        while (true)
        {
            var before = Book;
            if (change(before) is not { } after)
            {
                return Task.FromResult(false);
            }

            if (ReferenceEquals(Interlocked.CompareExchange(ref _book, after, before), before))
            {
                return Task.FromResult(true);
            }
        }
    }
}
