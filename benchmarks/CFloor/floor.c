// The floor of WsPumps.Load once more, in C: one thread, epoll, recv and send, every message that one read brought encoded into one
// buffer that is sent to each client with one call. It shows that the floor in C# is as low as it gets.
//
//   cc -O2 -o floor floor.c -lcrypto && ./floor 5000
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_CLIENTS = 65536, BUFFER = 256 * 1024, EVENTS = 512 };

typedef struct {
    int socket, upgraded, broadcasts, partial_length;
    uint8_t partial[16 * 1024];
} client;

static client *clients[MAX_CLIENTS];
static int receivers[MAX_CLIENTS], receiver_count;
static uint8_t input[BUFFER + 16 * 1024], output[BUFFER + 16 * 1024];

static void end(client *peer)
{
    for (int i = 0; i < receiver_count; i++) {
        if (receivers[i] == peer->socket) {
            receivers[i] = receivers[--receiver_count];
            break;
        }
    }
    clients[peer->socket] = NULL;
    close(peer->socket);
    free(peer);
}

static int upgrade(client *peer, const uint8_t *request, int length)
{
    static const char header[] = "Sec-WebSocket-Key:", guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *key = memmem(request, length, header, sizeof header - 1);
    if (length < 4 || memcmp(request + length - 4, "\r\n\r\n", 4) != 0 || key == NULL)
        return 0;

    key += sizeof header - 1;
    key += strspn(key, " ");
    char text[128], answer[256];
    uint8_t hash[SHA_DIGEST_LENGTH], accept[64];
    int size = snprintf(text, sizeof text, "%.*s%s", (int)strcspn(key, "\r "), key, guid);
    EVP_EncodeBlock(accept, SHA1((uint8_t *)text, size, hash), sizeof hash);
    size = snprintf(answer, sizeof answer,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);

    peer->upgraded = 1;
    peer->broadcasts = memcmp(request, "GET /broadcast", 14) == 0;
    if (peer->broadcasts)
        receivers[receiver_count++] = peer->socket;
    send(peer->socket, answer, size, MSG_NOSIGNAL);
    return length;
}

// Writes all whole frames without their masks, one behind the other.
static int unmask(const uint8_t *bytes, int length, int *written, int *closes)
{
    int consumed = 0;
    *written = *closes = 0;
    while (length - consumed >= 2) {
        const uint8_t *frame = bytes + consumed;
        int header = (frame[1] & 0x7F) == 126 ? 4 : (frame[1] & 0x7F) == 127 ? 10 : 2;
        if (length - consumed < header + 4)
            break;
        int64_t payload = header == 2 ? frame[1] & 0x7F : header == 4 ? frame[2] << 8 | frame[3] : (int64_t)be64toh(*(uint64_t *)(frame + 2));
        if (length - consumed < header + 4 + payload)
            break;

        memcpy(output + *written, frame, header);
        output[*written + 1] &= 0x7F;
        for (int64_t i = 0; i < payload; i++)
            output[*written + header + i] = frame[header + 4 + i] ^ frame[header + (i & 3)];
        consumed += header + 4 + payload;
        *written += header + payload;
        if ((frame[0] & 0x0F) == 0x8) {
            *closes = 1;
            break;
        }
    }
    return consumed;
}

static void on_ready(client *peer)
{
    memcpy(input, peer->partial, peer->partial_length);
    int length = recv(peer->socket, input + peer->partial_length, BUFFER, 0);
    if (length <= 0) {
        if (length == 0 || errno != EAGAIN)
            end(peer);
        return;
    }

    length += peer->partial_length;
    int closes = 0, written = 0;
    int consumed = peer->upgraded ? unmask(input, length, &written, &closes) : upgrade(peer, input, length);
    if (written > 0 && peer->broadcasts && !closes) {
        for (int i = receiver_count - 1; i >= 0; i--)
            send(receivers[i], output, written, MSG_NOSIGNAL);
    } else if (written > 0) {
        send(peer->socket, output, written, MSG_NOSIGNAL);
    }

    peer->partial_length = length - consumed;
    if (closes || peer->partial_length > (int)sizeof peer->partial)
        end(peer);
    else
        memcpy(peer->partial, input + consumed, peer->partial_length);
}

int main(int argc, char **argv)
{
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(argc > 1 ? atoi(argv[1]) : 5000), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 512) < 0) {
        perror("listen");
        return 1;
    }

    int epoll = epoll_create1(0);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener }, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int count = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            int socket = events[i].data.fd;
            if (socket != listener) {
                if (clients[socket] != NULL)
                    on_ready(clients[socket]);
                continue;
            }

            int accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (accepted < 0 || accepted >= MAX_CLIENTS)
                continue;
            setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            clients[accepted] = calloc(1, sizeof(client));
            clients[accepted]->socket = accepted;
            event = (struct epoll_event){ .events = EPOLLIN, .data.fd = accepted };
            epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event);
        }
    }
}
