using CustomClient;
using WsPumps;

var builder = WebApplication.CreateBuilder(args);

// Before AddWebSocketPumps, which registers a manager where there is none.
builder.Services.AddSingleton(new TenantManager(builder.Configuration.GetSection("Tenants").GetChildren().Select(Tenant.Read)));
builder.Services.AddSingleton<IManager>(services => services.GetRequiredService<TenantManager>());
builder.Services.AddWebSocketPumps();

var app = builder.Build();
var tenants = app.Services.GetRequiredService<TenantManager>();

app.MapWebSocketPumps("/feed/{tenant}", endpoint =>
{
    endpoint.Setup(setup =>
    {
        if (!tenants.TryGet(NameIn(setup.HttpContext), out _))
            setup.Refuse(404, "There is no such tenant.");
    });

    endpoint.Factory(connection =>
    {
        tenants.TryGet(NameIn(connection.HttpContext), out var tenant);
        return new TenantClient(connection.CreateClient(), tenant!, app.Logger);
    });

    // To everybody of the same tenant. Another tenant's clients cannot be reached from here.
    endpoint.OnMessage((client, message, _) => ((TenantClient)client).Tenant.Everybody.All.Write(message));
});

app.MapGet("/tenants", () => tenants.All.Select(tenant => tenant.Usage));
app.MapPost("/tenants/{tenant}/announce/{text}", (string tenant, string text) =>
    tenants.TryGet(tenant, out var found) ? Results.Ok(found.Everybody.All.Write(text)) : Results.NotFound());

app.Run();

static string NameIn(HttpContext http) => (string)http.Request.RouteValues["tenant"]!;
