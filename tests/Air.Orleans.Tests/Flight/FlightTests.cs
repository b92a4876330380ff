using Air.Orleans.Core;
using Air.Orleans.Flight;
using Apache.Arrow;
using Apache.Arrow.Flight;
using Apache.Arrow.Flight.Client;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Air.Orleans.Tests.Flight;

/// <summary>Flight, read by the C# client that others use.</summary>
public sealed class FlightTests : IAsyncLifetime
{
    private const string Key = "a key of at least thirty-two characters";

    private readonly TemporaryFolder _folder = new();
    private AirCluster _air = null!;
    private GrpcChannel _channel = null!;
    private FlightClient _client = null!;
    private BlockRef _block = null!;

    private static Metadata Headers => new() { { "authorization", $"Bearer {Key}" } };

    public async Task InitializeAsync()
    {
        _air = await AirCluster.StartLocalAsync(
            new AirOptions
            {
                StorageFolder = _folder.Path,
                Resources = new() { Cpu = 1 },
                HttpPort = null,
                FlightPort = 0,
                Security = new SecurityOptions { ApiKeys = new Dictionary<string, string> { ["test"] = Key } },
            }
        );
        _channel = GrpcChannel.ForAddress(_air.Services.GetRequiredService<FlightIngress>().Address!);
        _client = new FlightClient(_channel);
        using var batch = new RecordBatch.Builder()
            .Append("x", false, static column => column.Double(static values => values.AppendRange([1.5, 2.5, 3.5])))
            .Append("name", false, static column => column.String(static values => values.AppendRange(["a", "b", "c"])))
            .Build();
        _block = await _air.Blocks.PutAsync(batch);
    }

    public async Task DisposeAsync()
    {
        _channel.Dispose();
        await _air.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task DoGet_ABlockById_GivesItsRows()
    {
        var info = await _client.GetInfo(FlightDescriptor.CreatePathDescriptor($"{_block.Id:N}"), Headers);
        Assert.Equal(3, info.TotalRecords);

        using var stream = _client.GetStream(Assert.Single(info.Endpoints).Ticket, Headers);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        using var batch = stream.ResponseStream.Current;

        Assert.Equal([1.5, 2.5, 3.5], ((DoubleArray)batch.Column("x")).Values.ToArray());
        Assert.Equal("c", ((StringArray)batch.Column("name")).GetString(2));
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task ListFlights_AndGetSchema_TellWhatThereIs()
    {
        using var listing = _client.ListFlights(new FlightCriteria(), Headers);
        var flights = new List<FlightInfo>();
        while (await listing.ResponseStream.MoveNext(CancellationToken.None))
        {
            flights.Add(listing.ResponseStream.Current);
        }

        Assert.Equal($"{_block.Id:N}", Assert.Single(Assert.Single(flights).Descriptor.Paths));
        var schema = await _client.GetSchema(FlightDescriptor.CreateCommandDescriptor($"{_block.Id:N}"), Headers);
        Assert.Equal(["x", "name"], schema.FieldsList.Select(static field => field.Name));
    }

    [Theory]
    [InlineData("00000000000000000000000000000001")]
    [InlineData("nonsense")]
    public async Task DoGet_ABlockThatIsNotHere_IsNotFoundAndSaysWhereToLook(string id)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            using var stream = _client.GetStream(new FlightTicket(id), Headers);
            await stream.ResponseStream.MoveNext(CancellationToken.None);
        });

        Assert.Equal(StatusCode.NotFound, error.StatusCode);
        Assert.Contains("ListFlights", error.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer another key of at least thirty-two characters")]
    [InlineData(Key)]
    public async Task ListFlights_WithoutTheKey_IsUnauthenticatedAndSaysWhatToSend(string? authorization)
    {
        Metadata headers = authorization is null ? [] : new() { { "authorization", authorization } };
        using var listing = _client.ListFlights(new FlightCriteria(), headers);

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            listing.ResponseStream.MoveNext(CancellationToken.None)
        );

        Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
        Assert.Contains("authorization: Bearer", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DoAction_OnAnEndpointThatOnlyReads_IsUnimplementedAndSaysWhatToCall()
    {
        using var action = _client.DoAction(new FlightAction("drop"), Headers);

        var error = await Assert.ThrowsAsync<RpcException>(() =>
            action.ResponseStream.MoveNext(CancellationToken.None)
        );

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains("air.Blocks.PutAsync", error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetInfo_APathOfManyParts_IsAnInvalidArgument()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () =>
            await _client.GetInfo(FlightDescriptor.CreatePathDescriptor("a", "b"), Headers)
        );

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
    }
}
