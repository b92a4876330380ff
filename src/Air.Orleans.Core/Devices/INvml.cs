namespace Air.Orleans.Core.Devices;

/// <summary>The few functions of NVIDIA's management library that tell which GPUs there are; 0 is success.</summary>
internal interface INvml
{
    int Initialise();

    int Count(out uint count);

    int Name(uint index, out string name);

    int Memory(uint index, out ulong bytes);

    int Shutdown();
}
