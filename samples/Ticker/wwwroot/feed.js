import { ReconnectingWebSocket } from './ws-pumps.js';

const delayWhenTooSlow = 2000;

/** One of the two connections. It comes back by itself; what the server says with 1008 is final, so that is left to this page. */
export class Feed {
  #socket;
  #timer;

  constructor(address, panel, onMessage) {
    Object.assign(this, { address, panel, onMessage });
  }

  restart() {
    clearTimeout(this.#timer);
    if (this.#socket) this.#socket.onclose = this.#socket.onmessage = null;
    this.#socket?.close();
    this.#open();
  }

  #open() {
    const socket = (this.#socket = new ReconnectingWebSocket(this.address()));
    this.panel.state = 'Connecting';
    socket.onreconnecting = () => (this.panel.state = 'Reconnecting');
    socket.onmessage = (event) => {
      this.panel.state = 'Connected';
      this.onMessage(this.panel, JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      this.panel.state = event.code === 1008 ? 'Closed: too slow' : 'Closed';
      this.#timer = setTimeout(() => this.#open(), delayWhenTooSlow);
    };
  }
}
