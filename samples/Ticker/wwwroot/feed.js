import { ReconnectingWebSocket } from './ws-pumps.js';

/** One of the two connections. It comes back by itself, also after it was too slow: the server says when. */
export class Feed {
  #socket;

  constructor(address, panel, onMessage) {
    Object.assign(this, { address, panel, onMessage });
  }

  restart() {
    if (this.#socket) this.#socket.onmessage = null;
    this.#socket?.close();
    this.#open();
  }

  #open() {
    const socket = (this.#socket = new ReconnectingWebSocket(this.address()));
    this.panel.state = 'Connecting';
    socket.onreconnecting = (event) => (this.panel.state = event.code === 1008 ? 'Closed: too slow' : 'Reconnecting');
    socket.onmessage = (event) => {
      this.panel.state = 'Connected';
      this.onMessage(this.panel, JSON.parse(event.data));
    };
  }
}
