using System.Text;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Server;
using Grpc.Core;

namespace Air.Orleans.Flight;

/// <summary>The blocks of this silo as flights: a path of one part, or a command, that is the block's id; the ticket is the id too. Thread-safe.</summary>
internal sealed class BlockFlights(StoredBlocks blocks) : FlightServer
{
    public override async Task ListFlights(
        FlightCriteria request,
        IAsyncStreamWriter<FlightInfo> responseStream,
        ServerCallContext context
    )
    {
        foreach (var id in blocks.Ids())
        {
            // Freed meanwhile, or lost: it is not listed.
            using var block = await blocks.FindAsync(id, context.CancellationToken);
            if (block is not null)
            {
                await responseStream.WriteAsync(InfoOf(id, block.Batch, FlightDescriptor.CreatePathDescriptor(id)));
            }
        }
    }

    public override async Task<FlightInfo> GetFlightInfo(FlightDescriptor request, ServerCallContext context)
    {
        var id = IdOf(request);
        using var block = await OpenAsync(id, context);
        return InfoOf(id, block.Batch, request);
    }

    public override async Task<Schema> GetSchema(FlightDescriptor request, ServerCallContext context)
    {
        using var block = await OpenAsync(IdOf(request), context);
        return block.Batch.Schema;
    }

    public override async Task DoGet(
        FlightTicket ticket,
        FlightServerRecordBatchStreamWriter responseStream,
        ServerCallContext context
    )
    {
        using var block = await OpenAsync(ticket.Ticket.ToStringUtf8(), context);
        await responseStream.WriteAsync(block.Batch);
    }

    private async Task<BlockLease> OpenAsync(string id, ServerCallContext context) =>
        await blocks.FindAsync(id, context.CancellationToken)
        ?? throw new RpcException(
            new Status(
                StatusCode.NotFound,
                $"This silo has no block '{id}'. ListFlights tells what it has; air.Blocks.LocationsAsync tells where a block is."
            )
        );

    private static FlightInfo InfoOf(string id, RecordBatch batch, FlightDescriptor descriptor) =>
        // No location: the ticket is good at the endpoint that was asked.
        new(batch.Schema, descriptor, [new FlightEndpoint(new FlightTicket(id), [])], batch.Length, -1);

    private static string IdOf(FlightDescriptor descriptor)
    {
        var path = descriptor.Type == FlightDescriptorType.Path ? descriptor.Paths.ToList() : [];
        return path switch
        {
            [var id] => id,
            [] when descriptor.Type == FlightDescriptorType.Command => Encoding.UTF8.GetString(descriptor.Command.Span),
            _ => throw new RpcException(
                new Status(
                    StatusCode.InvalidArgument,
                    $"A flight is a block's id, as a path of one part or as a command; this path has {path.Count} parts."
                )
            ),
        };
    }
}
