// uWebSockets for the comparison: /echo, and /broadcast through its own topics. See ../README.md.
#include "App.h"
#include <cstdlib>

struct user_data {};

int main(int, char **argv)
{
    uWS::App app;
    uWS::App::WebSocketBehavior<user_data> echo{};
    echo.compression = uWS::DISABLED;
    echo.maxPayloadLength = 4 * 1024 * 1024;
    echo.message = [](auto *socket, std::string_view message, uWS::OpCode code) { socket->send(message, code); };

    uWS::App::WebSocketBehavior<user_data> broadcast{};
    broadcast.compression = uWS::DISABLED;
    broadcast.open = [](auto *socket) { socket->subscribe("all"); };
    broadcast.message = [&app](auto *, std::string_view message, uWS::OpCode code) { app.publish("all", message, code); };

    app.ws<user_data>("/echo", std::move(echo)).ws<user_data>("/broadcast", std::move(broadcast))
        .listen(std::atoi(argv[1]), [](auto *socket) { if (!socket) std::exit(1); }).run();
}
