using System.Security.Cryptography;
using System.Text;

namespace Air.Orleans.Core.Storage;

/// <summary>Makes file names from keys: readable, different for different keys, fit for every file system.</summary>
internal static class FileNames
{
    private const int Longest = 120;

    public static string Escape(string key)
    {
        var text = new StringBuilder(key.Length);
        foreach (var letter in key)
        {
            if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' || (letter == '.' && text.Length > 0))
            {
                text.Append(letter);
            }
            else
            {
                text.Append('%').Append(((int)letter).ToString("x4"));
            }
        }

        // Where upper and lower case are one to the file system, the hash keeps such keys apart.
        return text.Length <= Longest && !key.Any(char.IsAsciiLetterUpper)
            ? text.ToString()
            : $"{text.ToString(0, Math.Min(text.Length, Longest))}%{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..16]}";
    }
}
