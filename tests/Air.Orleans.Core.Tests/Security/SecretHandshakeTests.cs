using System.IO.Pipelines;
using System.Security.Authentication;
using Air.Orleans.Core.Security;

namespace Air.Orleans.Core.Tests.Security;

/// <summary>The proof of the cluster's secret, over pipes.</summary>
public sealed class SecretHandshakeTests
{
    private static readonly ClusterSecret Ours = ClusterSecret.Of(new string('a', 40));
    private static readonly ClusterSecret Theirs = ClusterSecret.Of(new string('b', 40));

    [Fact]
    public async Task Handshake_SameSecret_LeavesWhatFollowsUnread()
    {
        var (near, far) = NewPipes();
        var accepting = SecretHandshake.AcceptAsync(far, Ours, CancellationToken.None);
        await SecretHandshake.ConnectAsync(near, Ours, CancellationToken.None);
        await accepting;

        await near.Output.WriteAsync("hello"u8.ToArray());
        var read = await far.Input.ReadAsync();
        Assert.Equal("hello"u8.ToArray(), read.Buffer.FirstSpan.ToArray());
    }

    [Fact]
    public async Task Handshake_AnotherSecret_IsNoticedByTheOneWhoConnects()
    {
        var (near, far) = NewPipes();
        var accepting = SecretHandshake.AcceptAsync(far, Theirs, CancellationToken.None);

        var error = await Assert.ThrowsAsync<AuthenticationException>(() =>
            SecretHandshake.ConnectAsync(near, Ours, CancellationToken.None)
        );

        Assert.Contains("another cluster secret", error.Message, StringComparison.Ordinal);
        await near.Output.CompleteAsync();
        await Assert.ThrowsAsync<AuthenticationException>(() => accepting);
    }

    [Fact]
    public async Task Accept_ProofSentBackToItsMaker_IsRefused()
    {
        // Who knows no secret sends back, as his own proof, the one that he was shown.
        var (near, far) = NewPipes();
        var accepting = SecretHandshake.AcceptAsync(far, Ours, CancellationToken.None);
        await near.Output.WriteAsync((byte[])[.. "AIRS"u8, 1, .. new byte[32]]);
        var shown = await near.Input.ReadAtLeastAsync(5 + 32 + 32);
        await near.Output.WriteAsync(shown.Buffer.ToSpan()[37..].ToArray());

        await Assert.ThrowsAsync<AuthenticationException>(() => accepting);
    }

    [Theory]
    [InlineData("G")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("AIRS")]
    [InlineData("")]
    public async Task Accept_AnythingElse_IsRefused(string begin)
    {
        var (near, far) = NewPipes();
        var accepting = SecretHandshake.AcceptAsync(far, Ours, CancellationToken.None);
        await near.Output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(begin));
        if (begin is "" or "AIRS")
        {
            await near.Output.CompleteAsync();
        }

        await Assert.ThrowsAsync<AuthenticationException>(() => accepting);
    }

    [Fact]
    public void Verify_OtherContentOrSignature_IsFalse()
    {
        var signature = Ours.Sign("content"u8);

        Assert.True(Ours.Verify("content"u8, signature));
        Assert.False(Ours.Verify("contents"u8, signature));
        Assert.False(Theirs.Verify("content"u8, signature));
        Assert.False(Ours.Verify("content"u8, signature.AsSpan(1)));
        Assert.Throws<InvalidOperationException>(() => ClusterSecret.None.Sign("content"u8));
    }

    private static (IDuplexPipe Near, IDuplexPipe Far) NewPipes()
    {
        var (there, back) = (new Pipe(), new Pipe());
        return (new End(back.Reader, there.Writer), new End(there.Reader, back.Writer));
    }

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

file static class Sequences
{
    public static ReadOnlySpan<byte> ToSpan(this System.Buffers.ReadOnlySequence<byte> bytes) =>
        System.Buffers.BuffersExtensions.ToArray(bytes);
}
