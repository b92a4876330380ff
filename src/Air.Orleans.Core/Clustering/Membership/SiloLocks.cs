using Air.Orleans.Core.Storage;

namespace Air.Orleans.Core.Clustering.Membership;

/// <summary>
/// A file for each silo, which its process holds open alone from before the silo is in the table until the process ends, however it
/// ends. Who can open it knows that the silo is gone. A process that is only stopped keeps it.
/// </summary>
internal sealed class SiloLocks(string folder) : IDisposable
{
    private readonly Dictionary<string, FileStream> _held = [];
    private readonly Lock _gate = new();
    private bool _isDisposed;

    /// <summary>Takes the silo's file for this process.</summary>
    public void Take(string silo)
    {
        Directory.CreateDirectory(folder);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_held.ContainsKey(silo))
            {
                _held.Add(silo, Open(silo, FileMode.OpenOrCreate));
            }
        }
    }

    /// <summary>Whether no process holds the silo's file.</summary>
    public bool IsGone(string silo)
    {
        lock (_gate)
        {
            if (_held.ContainsKey(silo))
            {
                return false;
            }
        }

        try
        {
            using var file = Open(silo, FileMode.Open);
            return true;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Removes the file of a silo that is gone for good.</summary>
    public void Remove(string silo)
    {
        if (Directory.Exists(folder))
        {
            File.Delete(PathOf(silo));
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var file in _held.Values)
            {
                file.Dispose();
            }

            _held.Clear();
        }
    }

    private FileStream Open(string silo, FileMode mode) =>
        new(PathOf(silo), mode, FileAccess.ReadWrite, FileShare.None);

    private string PathOf(string silo) => Path.Combine(folder, FileNames.Escape(silo) + ".silo");
}
