namespace Air.Orleans.Core.Checkpoints.Control;

/// <summary>
/// The checkpoints of one run: which are committed, which are being written, which are to be deleted, and who uses them. Every method
/// gives the book as it is afterwards, or the same book where nothing changes.
/// </summary>
[GenerateSerializer, Immutable, Alias("air.core.CheckpointBook")]
internal sealed record CheckpointBook
{
    /// <summary>Writers of lower epochs are refused.</summary>
    [Id(0)]
    public int Epoch { get; init; }

    [Id(1)]
    public CheckpointRules Rules { get; init; } = new();

    /// <summary>Oldest first; the last is the latest.</summary>
    [Id(2)]
    public CheckpointManifest[] Committed { get; init; } = [];

    [Id(3)]
    public CheckpointDraft[] Drafts { get; init; } = [];

    [Id(4)]
    public DoomedShards[] Doomed { get; init; } = [];

    [Id(5)]
    public CheckpointPin[] Pins { get; init; } = [];

    public CheckpointManifest? Latest => Committed.Length == 0 ? null : Committed[^1];

    public CheckpointManifest? Find(string id) => Array.Find(Committed, manifest => manifest.Id == id);

    /// <summary>Begins an epoch; from then on writers of lower ones are refused, and what they have not committed is to be deleted.</summary>
    /// <exception cref="StaleWriterException">A higher one has begun.</exception>
    public CheckpointBook Begin(int epoch, CheckpointRules rules)
    {
        RefuseStale(epoch, $"epoch {epoch}");
        return epoch == Epoch && rules == Rules
            ? this
            : this with
            {
                Epoch = epoch,
                Rules = rules,
                Drafts = [.. Drafts.Where(draft => draft.Epoch >= epoch)],
                Doomed =
                [
                    .. Doomed,
                    .. Drafts
                        .Where(draft => draft.Epoch < epoch)
                        .Select(static draft => new DoomedShards(draft, WriterMayLive: true, null)),
                ],
            };
    }

    /// <summary>Notes what is going to be written, so that it is found and deleted if it is never committed.</summary>
    /// <exception cref="StaleWriterException">The draft's epoch is over.</exception>
    /// <exception cref="CheckpointException">There is such a checkpoint, or the epoch has not begun.</exception>
    public CheckpointBook Reserve(CheckpointDraft draft)
    {
        RefuseStale(draft.Epoch, $"checkpoint '{draft.Id}'");
        if (draft.Epoch > Epoch)
        {
            throw new CheckpointException(
                $"Checkpoint '{draft.Id}' is of epoch {draft.Epoch}, and its run is in epoch {Epoch}: begin the epoch first."
            );
        }

        if (Find(draft.Id) is not null)
        {
            throw new CheckpointException(
                $"There is a checkpoint '{draft.Id}' already, and checkpoints are never written over. Give it another id."
            );
        }

        return this with
        {
            Drafts = [.. Drafts.Where(other => other.Id != draft.Id), draft],
        };
    }

    /// <summary>
    /// Commits what was reserved, and lets go of what need not be kept. It takes the place of what lower epochs committed at the same
    /// iteration or after it, as the run has come there anew.
    /// </summary>
    /// <exception cref="StaleWriterException">The checkpoint's epoch is over.</exception>
    /// <exception cref="CheckpointException">It was not reserved, or given up.</exception>
    public CheckpointBook Commit(CheckpointManifest manifest, DateTimeOffset now)
    {
        if (Find(manifest.Id) is not null)
        {
            return this;
        }

        RefuseStale(manifest.Epoch, $"checkpoint '{manifest.Id}'");
        if (!Drafts.Any(draft => draft.Id == manifest.Id))
        {
            throw new CheckpointException(
                $"Checkpoint '{manifest.Id}' was given up before it was committed. Write it again, under another id."
            );
        }

        var pins = Pins.Where(pin => pin.Until > now).ToArray();
        CheckpointManifest[] all = [.. Committed, manifest];
        var replaced = Committed.Where(other => other.Epoch < manifest.Epoch && other.Iteration >= manifest.Iteration);
        var gone = replaced
            .Concat(Rules.Outdated(all))
            .Select(static other => other.Id)
            .Except(pins.Select(static pin => pin.Id))
            .ToHashSet();
        return this with
        {
            Pins = pins,
            Drafts = [.. Drafts.Where(draft => draft.Id != manifest.Id)],
            Committed = [.. all.Where(other => !gone.Contains(other.Id))],
            Doomed = [.. Doomed, .. all.Where(other => gone.Contains(other.Id)).Select(Doom)],
        };
    }

    /// <summary>The writer gives up: what it wrote is to be deleted. Nothing changes where it is committed.</summary>
    public CheckpointBook Abandon(string id)
    {
        var known = Doomed.Any(doomed => doomed.Draft.Id == id && doomed.WriterMayLive);
        var draft = Array.Find(Drafts, draft => draft.Id == id);
        return !known && draft is null
            ? this
            : this with
            {
                Drafts = [.. Drafts.Where(other => other.Id != id)],
                Doomed =
                [
                    .. Doomed.Select(doomed => doomed.Draft.Id == id ? doomed with { WriterMayLive = false } : doomed),
                    .. draft is null ? (DoomedShards[])[] : [new DoomedShards(draft, false, null)],
                ],
            };
    }

    /// <summary>Takes a checkpoint out; nothing changes where there is none of that id.</summary>
    /// <exception cref="CheckpointException">Somebody uses it.</exception>
    public CheckpointBook Delete(string id, DateTimeOffset now)
    {
        if (Find(id) is not { } manifest)
        {
            return this;
        }

        if (Array.Find(Pins, pin => pin.Id == id && pin.Until > now) is { } used)
        {
            throw new CheckpointException(
                $"Checkpoint '{id}' is in use by {used.Holder} until {used.Until:u} at the latest, and so is not deleted. "
                    + "End what uses it, or try again later."
            );
        }

        return this with
        {
            Committed = [.. Committed.Where(other => other.Id != id)],
            Doomed = [.. Doomed, Doom(manifest)],
        };
    }

    /// <summary>Notes that a holder uses a checkpoint, in place of what it said before.</summary>
    /// <exception cref="CheckpointException">There is none of that id.</exception>
    public CheckpointBook Pin(CheckpointPin pin) =>
        Find(pin.Id) is null
            ? throw Missing(pin.Id)
            : this with
            {
                Pins = [.. Pins.Where(other => (other.Id, other.Holder) != (pin.Id, pin.Holder)), pin],
            };

    /// <summary>Notes that a holder uses a checkpoint no more.</summary>
    public CheckpointBook Unpin(string id, string holder) =>
        Array.Exists(Pins, pin => (pin.Id, pin.Holder) == (id, holder))
            ? this with
            {
                Pins = [.. Pins.Where(pin => (pin.Id, pin.Holder) != (id, holder))],
            }
            : this;

    /// <summary>What is to be looked for and deleted now.</summary>
    public IEnumerable<DoomedShards> ToSweep() =>
        Doomed.Where(doomed => doomed.SweptIn != Epoch || !doomed.WriterMayLive);

    /// <summary>Notes that shards were deleted; those whose writer may live stay noted for a later epoch.</summary>
    public CheckpointBook Swept(IReadOnlyCollection<DoomedShards> swept) =>
        this with
        {
            Doomed =
            [
                .. Doomed
                    .Where(doomed => !swept.Contains(doomed) || doomed is { WriterMayLive: true, SweptIn: null })
                    .Select(doomed => swept.Contains(doomed) ? doomed with { SweptIn = Epoch } : doomed),
            ],
        };

    public static CheckpointException Missing(string id) =>
        new($"There is no checkpoint '{id}' in this cluster: it was deleted or never committed.");

    private static DoomedShards Doom(CheckpointManifest manifest) => new(CheckpointDraft.Of(manifest), false, null);

    private void RefuseStale(int epoch, string what)
    {
        if (epoch < Epoch)
        {
            throw new StaleWriterException(
                $"{what} is of epoch {epoch}, and its run has gone on to epoch {Epoch} elsewhere: nothing more is taken from this "
                    + "writer. It must stop."
            );
        }
    }
}
