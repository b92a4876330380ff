using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Air.Orleans.Flight;

/// <summary>Stands before every call of Flight: only who shows a key gets in, and an error is a status that says what to do.</summary>
internal sealed class FlightGuard(FlightKeys keys) : Interceptor
{
    private static readonly Status ReadOnly = new(
        StatusCode.Unimplemented,
        "This endpoint only hands out blocks: ListFlights, GetFlightInfo, GetSchema, DoGet. Put blocks with air.Blocks.PutAsync."
    );

    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request,
        ServerCallContext context,
        UnaryServerMethod<TRequest, TResponse> continuation
    )
    {
        Check(context);
        return continuation(request, context);
    }

    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation
    )
    {
        Check(context);
        return
            context.Method.EndsWith("Action", StringComparison.Ordinal)
            || context.Method.EndsWith("Actions", StringComparison.Ordinal)
            ? throw new RpcException(ReadOnly)
            : continuation(request, responseStream, context);
    }

    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation
    ) => Refuse<Task<TResponse>>(context);

    /// <summary>Handshake, DoPut and DoExchange.</summary>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation
    ) => Refuse<Task>(context);

    private T Refuse<T>(ServerCallContext context)
    {
        Check(context);
        throw new RpcException(ReadOnly);
    }

    private void Check(ServerCallContext context)
    {
        if (!keys.IsOpen && !keys.IsKnown(context.RequestHeaders.GetValue("authorization")))
        {
            throw new RpcException(
                new Status(
                    StatusCode.Unauthenticated,
                    "Send the header 'authorization: Bearer KEY' with an API key of the silo or the cluster's secret."
                )
            );
        }
    }
}
