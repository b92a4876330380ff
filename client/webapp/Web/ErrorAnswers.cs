using Air.Orleans.Core;
using Air.Orleans.Serve;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace Air.Orleans.WebApp.Web;

/// <summary>Turns errors into answers with a reason: 503 while the cluster is away, the model's own status, 400 for what was asked wrongly.</summary>
internal sealed class ErrorAnswers(IProblemDetailsService problems) : IExceptionHandler
{
    private const string RetryAfterSeconds = "2";

    public async ValueTask<bool> TryHandleAsync(
        HttpContext context,
        Exception error,
        CancellationToken cancellationToken
    )
    {
        if (error is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads the answer.
            return true;
        }

        var status = error switch
        {
            ClusterUnavailableException => StatusCodes.Status503ServiceUnavailable,
            DeploymentException { Status: >= 400 } refused => refused.Status,
            AirException or ArgumentException or BadHttpRequestException => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status500InternalServerError,
        };
        context.Response.StatusCode = status;
        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return await problems.TryWriteAsync(
            new ProblemDetailsContext
            {
                HttpContext = context,
                ProblemDetails = new ProblemDetails
                {
                    Status = status,
                    // What is not ours may tell more than a stranger should read; it is in the log.
                    Detail = status == StatusCodes.Status500InternalServerError ? null : error.Message,
                },
            }
        );
    }
}
