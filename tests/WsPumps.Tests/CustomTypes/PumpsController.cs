using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace WsPumps.Tests.CustomTypes;

[Route("controller")]
public sealed class PumpsController : ControllerBase
{
    [Route("echo")]
    public Task EchoAsync() => HttpContext.RunWebSocketPumpsAsync(Echo.Handler);

    [HttpGet("get")]
    public Task GetAsync() => HttpContext.RunWebSocketPumpsAsync(Echo.Handler);

    [AcceptVerbs("GET", "CONNECT", Route = "verbs")]
    public Task VerbsAsync() => HttpContext.RunWebSocketPumpsAsync(Echo.Handler);
}
