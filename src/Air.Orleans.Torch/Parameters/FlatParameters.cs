using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Air.Orleans.Torch.Native;
using Air.Orleans.Torch.Parameters;
using TorchSharp;

namespace Air.Orleans.Torch;

/// <summary>
/// A module's trainable parameters as one span of floats, and their gradients as another, so that an all-reduce, an
/// optimizer's step, clipping and a copy to a peer are each one loop over one span.
/// </summary>
/// <remarks>
/// <para>
/// The module's parameters and their <c>grad</c> become views of the two buffers: what the forward pass reads and the
/// backward pass adds to is the spans' memory, and nothing is copied in or out. The views last as long as nobody
/// replaces them; <c>module.to(...)</c> and <c>zero_grad(set_to_none: true)</c> do, and <see cref="VerifyViews"/>
/// tells. A parameter that a module names twice (tied weights) has one slice, under its first name.
/// </para>
/// <para>
/// Parameters lie in the order of <c>named_parameters()</c>, each from a multiple of 16 elements; the up to 15 elements
/// between two of them are padding, 0 in both buffers, and stay 0 under every optimizer of this library. Frozen
/// parameters (<c>requires_grad</c> is false) and buffers, such as the running statistics of a BatchNorm, are left
/// where they are; <see cref="ModuleState"/> saves all of them.
/// </para>
/// <para>Not thread-safe: one worker thread owns the module and this.</para>
/// </remarks>
public sealed unsafe class FlatParameters : IDisposable
{
    /// <summary>A parameter begins at a multiple of so many elements: 64 bytes, a cache line.</summary>
    private const int Alignment = 16;

    private readonly torch.nn.Module module;
    private readonly Dictionary<string, ParameterSlice> slices = new(StringComparer.Ordinal);
    private readonly ParameterSlice[] layout;
    private readonly torch.Tensor weightTensor;
    private readonly torch.Tensor gradientTensor;
    private readonly float* weights;
    private readonly float* gradients;
    private bool isDisposed;

    /// <summary>Moves the module's trainable parameters, with their values, into the flat buffers.</summary>
    /// <param name="module">A module on the CPU whose trainable parameters are float32. Gradients start at 0.</param>
    /// <exception cref="ArgumentNullException"><paramref name="module"/> is null.</exception>
    /// <exception cref="ArgumentException">
    /// The module has no trainable parameter, or some that are not float32 or not on the CPU (all are named), or more
    /// than fit into one span. The module is unchanged then.
    /// </exception>
    /// <exception cref="TorchNativeException">libtorch cannot be loaded.</exception>
    public FlatParameters(torch.nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        TorchRuntime.EnsureLoaded();
        var found = TrainableParameters.Of(module);
        this.module = module;
        (layout, Length) = LayOut(module, found);

        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        weightTensor = torch.zeros(Length).DetachFromDisposeScope();
        gradientTensor = torch.zeros(Length).DetachFromDisposeScope();
        weights = Address(weightTensor.narrow(0, 0, Alignment));
        gradients = Address(gradientTensor.narrow(0, 0, Alignment));
        for (var index = 0; index < found.Count; index++)
        {
            var slice = layout[index];
            var weight = weightTensor.narrow(0, slice.Offset, slice.Length).view([.. slice.Shape]);
            var gradient = gradientTensor.narrow(0, slice.Offset, slice.Length).view([.. slice.Shape]);
            weight.copy_(found[index].First);
            foreach (var (name, parameter) in found[index].Names)
            {
                slices[name] = slice;
                parameter.set_(weight);
                parameter.grad = gradient;
            }
        }
    }

    /// <summary>
    /// Elements in each buffer, padding included: the length of <see cref="Weights"/> and <see cref="Gradients"/>.
    /// </summary>
    public int Length { get; }

    /// <summary>The trainable parameters in the order in which they lie in the buffers.</summary>
    public IReadOnlyList<ParameterSlice> Layout => layout;

    /// <summary>The weights themselves: what is written here is what the module's next forward pass uses.</summary>
    /// <value>64-byte aligned; valid until <see cref="Dispose"/>.</value>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public Span<float> Weights
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return new Span<float>(weights, Length);
        }
    }

    /// <summary>The gradients themselves: every backward pass adds to them.</summary>
    /// <value>64-byte aligned; valid until <see cref="Dispose"/>.</value>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public Span<float> Gradients
    {
        get
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            return new Span<float>(gradients, Length);
        }
    }

    /// <summary>Sets all gradients to 0; what <c>optimizer.zero_grad()</c> does in PyTorch.</summary>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public void ZeroGradients() => Gradients.Clear();

    /// <summary>Copies the weights out, padding included.</summary>
    /// <param name="destination">Exactly <see cref="Length"/> elements.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public void CopyWeightsTo(Span<float> destination)
    {
        CheckLength(destination.Length, nameof(destination));
        Weights.CopyTo(destination);
    }

    /// <summary>Replaces the weights by those of a module of the same layout.</summary>
    /// <param name="source">Exactly <see cref="Length"/> elements, as <see cref="CopyWeightsTo"/> gave them.</param>
    /// <exception cref="ArgumentException"><paramref name="source"/> has another length.</exception>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public void CopyWeightsFrom(ReadOnlySpan<float> source)
    {
        CheckLength(source.Length, nameof(source));
        source.CopyTo(Weights);
    }

    /// <summary>Checks that every trainable parameter and its gradient still lie in the buffers.</summary>
    /// <remarks>About a microsecond per parameter: cheap enough for every step of all but tiny models.</remarks>
    /// <exception cref="InvalidOperationException">
    /// User code has replaced a parameter, its storage or its gradient, or has unfrozen one: an all-reduce or a step
    /// over the spans would silently miss it. The message names the parameter.
    /// </exception>
    /// <exception cref="ObjectDisposedException">After <see cref="Dispose"/>.</exception>
    public void VerifyViews()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (!parameter.requires_grad)
                continue;
            if (!slices.TryGetValue(name, out var slice))
                throw Outside($"Parameter '{name}' became trainable", "do not add or unfreeze parameters");
            if (!IsAt(parameter, weights + slice.Offset, slice.Length))
                throw Outside(
                    $"Parameter '{name}' was replaced",
                    "do not move or convert the module (module.to, module.half) or exchange its layers"
                );
            using var gradient = parameter.grad;
            if (gradient is null || !IsAt(gradient, gradients + slice.Offset, slice.Length))
                throw Outside(
                    $"The gradient of parameter '{name}' was replaced",
                    "do not call zero_grad(set_to_none: true) or set 'grad'"
                );
        }
    }

    /// <summary>
    /// Lets go of the buffers. The module keeps its weights and gradients, and stays usable; spans taken from here must
    /// not be used any more.
    /// </summary>
    public void Dispose()
    {
        if (isDisposed)
            return;
        isDisposed = true;
        weightTensor.Dispose();
        gradientTensor.Dispose();
    }

    private static (ParameterSlice[] Layout, int Length) LayOut(
        torch.nn.Module module,
        IReadOnlyList<TrainableParameters.Tied> found
    )
    {
        var slices = new ParameterSlice[found.Count];
        var offset = 0L;
        for (var index = 0; index < slices.Length; index++)
        {
            var parameter = found[index].First;
            var length = parameter.numel();
            if (offset + length > Array.MaxLength - Alignment)
                throw new ArgumentException(
                    $"The trainable parameters of '{module.GetName()}' up to '{found[index].Name}' have "
                        + $"{offset + length} elements; one flat buffer holds at most {Array.MaxLength - Alignment}. "
                        + "Split the module or freeze a part of it.",
                    nameof(module)
                );
            slices[index] = new ParameterSlice(found[index].Name, (int)offset, (int)length, [.. parameter.shape]);
            offset = (offset + length + Alignment - 1) / Alignment * Alignment;
        }

        return (slices, (int)offset);
    }

    private static float* Address(torch.Tensor tensor) =>
        (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(tensor.bytes));

    private static bool IsAt(torch.Tensor tensor, float* address, int length) =>
        tensor.numel() == length && tensor.dtype == torch.ScalarType.Float32 && Address(tensor) == address;

    private static InvalidOperationException Outside(string what, string remedy) =>
        new(
            $"{what} and lies outside the flat buffers, where all-reduce and optimizer do not see it. "
                + $"From the first step to the last, {remedy}."
        );

    private void CheckLength(int found, string argument)
    {
        if (found != Length)
            throw new ArgumentException(
                $"The span has {found} elements, but the parameters have {Length} (padding included).",
                argument
            );
    }
}
