using Ticker;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddWebSocketPumps().Configure(builder.Configuration.GetSection("WebSocketPumps"));
builder.Services.AddHostedService<Market>();
builder.Services.AddHostedService<StatisticsFeed>();

var app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.UseMiddleware<SlowLink>();
app.MapWebSocketPumpsScript();

var broadcaster = app.Services.GetRequiredService<Broadcaster>();
app.MapWebSocketPumps("/prices", endpoint =>
{
    // What happens to a client that reads too slowly is chosen for each connection.
    endpoint.Setup(setup =>
    {
        var query = setup.HttpContext.Request.Query;
        if (!Enum.TryParse<SlowClientPolicy>(query["policy"], out var policy))
            setup.Refuse(400, "policy is one of Conflate, DropOldest, DropNewest, Disconnect.");
        if (query["view"].ToString().Length is 0 or > 64)
            setup.Refuse(400, "view is missing or too long.");
        setup.Options.SlowClientPolicy = policy;
    });

    endpoint.Factory(connection =>
    {
        var query = connection.HttpContext.Request.Query;
        return Viewer.Attach(connection.CreateClient(), query["view"].ToString(), query["panel"].ToString());
    });

    // Before the manager knows the client, so that nobody is without its page for a moment.
    endpoint.Register(context => broadcaster.Join(context.Client, Viewer.Of(context.Client).View));
});

app.Run();
