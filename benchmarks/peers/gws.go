// gws for the comparison: /echo, and /broadcast through its Broadcaster. See ../README.md.
package main

import (
	"net/http"
	"os"
	"sync"

	"github.com/lxzan/gws"
)

type echo struct{ gws.BuiltinEventHandler }

func (echo) OnMessage(socket *gws.Conn, message *gws.Message) {
	defer message.Close()
	_ = socket.WriteMessage(message.Opcode, message.Bytes())
}

type broadcast struct {
	gws.BuiltinEventHandler
	mutex   sync.RWMutex
	clients map[*gws.Conn]struct{}
}

func (b *broadcast) OnOpen(socket *gws.Conn) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.clients[socket] = struct{}{}
}

func (b *broadcast) OnClose(socket *gws.Conn, _ error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.clients, socket)
}

func (b *broadcast) OnMessage(_ *gws.Conn, message *gws.Message) {
	defer message.Close()
	broadcaster := gws.NewBroadcaster(message.Opcode, message.Bytes())
	defer broadcaster.Close()
	b.mutex.RLock()
	defer b.mutex.RUnlock()
	for client := range b.clients {
		_ = broadcaster.Broadcast(client)
	}
}

func serve(handler gws.Event) http.HandlerFunc {
	upgrader := gws.NewUpgrader(handler, &gws.ServerOption{})
	return func(writer http.ResponseWriter, request *http.Request) {
		if socket, err := upgrader.Upgrade(writer, request); err == nil {
			go socket.ReadLoop()
		}
	}
}

func main() {
	http.Handle("/echo", serve(echo{}))
	http.Handle("/broadcast", serve(&broadcast{clients: map[*gws.Conn]struct{}{}}))
	panic(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
