using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Air.Orleans.Kernels.Tests.Csv;

/// <summary>A file of its own folder, gone with the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("air-csv-");

    public TemporaryFile(byte[] bytes)
    {
        var path = Path.Combine(folder.FullName, "data.csv");
        File.WriteAllBytes(path, bytes);
        Handle = File.OpenHandle(path);
    }

    public TemporaryFile(string text)
        : this(Encoding.UTF8.GetBytes(text)) { }

    public SafeFileHandle Handle { get; }

    public void Dispose()
    {
        Handle.Dispose();
        folder.Delete(recursive: true);
    }
}
