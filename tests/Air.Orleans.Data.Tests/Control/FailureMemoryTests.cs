using Air.Orleans.Data.Control;
using Microsoft.Extensions.Time.Testing;

namespace Air.Orleans.Data.Tests.Control;

public sealed class FailureMemoryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void ThrowIfAny_NothingRemembered_RaisesNothing() => new FailureMemory(_time).ThrowIfAny();

    [Fact]
    public void ThrowIfAny_WithinTheTime_RaisesTheSameFailureEachTime()
    {
        var memory = new FailureMemory(_time);
        var failure = new DatasetException("broken");
        memory.Remember(failure);

        _time.Advance(FailureMemory.Duration - TimeSpan.FromTicks(1));

        Assert.Same(failure, Assert.Throws<DatasetException>(memory.ThrowIfAny));
        Assert.Same(failure, Assert.Throws<DatasetException>(memory.ThrowIfAny));
    }

    [Fact]
    public void ThrowIfAny_AfterTheTime_RaisesNothing()
    {
        var memory = new FailureMemory(_time);
        memory.Remember(new DatasetException("broken"));

        _time.Advance(FailureMemory.Duration);

        memory.ThrowIfAny();
    }
}
