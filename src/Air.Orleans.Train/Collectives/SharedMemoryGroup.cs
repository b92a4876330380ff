using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Air.Orleans.Train.Collectives;

/// <summary>
/// The workers of one run in one process. An all-reduce needs two barriers and no copy: each rank adds up one slice over all
/// buffers, in the order of ranks, and writes the sum into all of them.
/// </summary>
internal sealed unsafe class SharedMemoryGroup(int worldSize)
{
    private const int SliceAlignment = 16;

    private readonly Call[] _calls = new Call[worldSize];
    private readonly SharedBarrier _barrier = new(worldSize);

    public ICollective Join(int rank) => new Member(this, rank, worldSize);

    /// <summary>Wakes everyone with an error.</summary>
    public void Abort(string reason) => _barrier.Abort(reason);

    private void Enter(int rank, Call call)
    {
        // Once aborted, the calls stay as they are: others may be comparing them.
        _barrier.ThrowIfAborted();
        _calls[rank] = call;
        _barrier.Wait();
        for (var other = 0; other < worldSize; other++)
        {
            if (!_calls[other].Matches(call))
            {
                var reason =
                    $"worker {rank} is in {call} while worker {other} is in {_calls[other]}: "
                    + "every worker must make the same calls in the same order";
                _barrier.Abort(reason);
                throw new CollectiveAbortedException(reason);
            }
        }
    }

    private void Exit() => _barrier.WaitToEnd();

    private void Reduce<T>(int rank, int length)
        where T : unmanaged, System.Numerics.IAdditionOperators<T, T, T>, System.Numerics.IAdditiveIdentity<T, T>
    {
        var slice = (((length + worldSize - 1) / worldSize) + SliceAlignment - 1) / SliceAlignment * SliceAlignment;
        var start = Math.Min(length, rank * slice);
        var count = Math.Min(length, start + slice) - start;
        if (count == 0)
        {
            return;
        }

        var sum = Part<T>(0, start, count);
        for (var other = 1; other < worldSize; other++)
        {
            TensorPrimitives.Add(sum, Part<T>(other, start, count), sum);
        }

        for (var other = 1; other < worldSize; other++)
        {
            sum.CopyTo(Part<T>(other, start, count));
        }
    }

    private Span<T> Part<T>(int rank, int start, int count)
        where T : unmanaged => new((T*)_calls[rank].Buffer + start, count);

    /// <summary>What a worker has called, and its buffer. A struct, since one is made for every step.</summary>
    private readonly record struct Call(string What, int Number, nint Buffer, int Root = -1)
    {
        public bool Matches(Call other) => What == other.What && Number == other.Number && Root == other.Root;

        public override string ToString() => Root < 0 ? $"{What} {Number}" : $"{What} {Number} from worker {Root}";
    }

    private sealed class Member(SharedMemoryGroup group, int rank, int worldSize) : ICollective
    {
        public int Rank => rank;

        public int WorldSize => worldSize;

        public void AllReduceSum(Span<float> buffer) => AllReduce(buffer);

        public void AllReduceSum(Span<double> buffer) => AllReduce(buffer);

        public void Broadcast(Span<float> buffer, int root)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(root);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(root, worldSize);
            if (worldSize == 1)
            {
                return;
            }

            fixed (float* pointer = buffer)
            {
                group.Enter(rank, new Call("a broadcast of floats", buffer.Length, (nint)pointer, root));
                if (rank != root)
                {
                    group.Part<float>(root, 0, buffer.Length).CopyTo(buffer);
                }

                group.Exit();
            }
        }

        public void Barrier(string what, int number)
        {
            if (worldSize > 1)
            {
                group.Enter(rank, new Call(what, number, 0));
                group.Exit();
            }
        }

        public void Leave(string lastDone) => group._barrier.Leave($"worker {rank} has ended after {lastDone}");

        public void Abort(string reason) => group.Abort(reason);

        private void AllReduce<T>(Span<T> buffer)
            where T : unmanaged, System.Numerics.IAdditionOperators<T, T, T>, System.Numerics.IAdditiveIdentity<T, T>
        {
            if (worldSize == 1)
            {
                return;
            }

            fixed (T* pointer = &MemoryMarshal.GetReference(buffer))
            {
                group.Enter(rank, new Call(AllReduceName<T>(), buffer.Length, (nint)pointer));
                group.Reduce<T>(rank, buffer.Length);
                group.Exit();
            }
        }

        private static string AllReduceName<T>() =>
            typeof(T) == typeof(float) ? "an all-reduce of floats" : "an all-reduce of doubles";
    }
}
