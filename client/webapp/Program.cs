using Air.Orleans;
using Air.Orleans.WebApp.Web;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

// The page and the settings lie beside the program, wherever it is started from.
var builder = WebApplication.CreateBuilder(
    new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }
);

// [embed]
// The cluster is named by AIR_CLUSTER, or Air:Cluster in appsettings.json. The application starts whether or not it is there.
builder.Services.AddAirClient(builder.Configuration);

// [/embed]

builder.Services.AddHttpClient();
builder.Services.AddSingleton<KeyPass>();
builder.Services.AddProblemDetails();
builder.Services.AddExceptionHandler<ErrorAnswers>();

var app = builder.Build();
app.UseExceptionHandler();
app.UseMiddleware<ApiKeyGuard>();
app.UseDefaultFiles();
app.UseStaticFiles();

// [health]
// Healthy where the cluster answers, else 503 with the reason; it waits for nothing.
app.MapHealthChecks("/health", new HealthCheckOptions { ResponseWriter = HealthAnswer.WriteAsync });

// [/health]

app.MapCluster();
app.MapRuns();
app.MapModels();
await app.RunAsync();
