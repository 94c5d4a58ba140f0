const firstDelay = 250;
const longestDelay = 8000;
const delayWhenTooSlow = 2000;

/** A connection that comes back: after a random time, up to a bound that doubles with each attempt that brought nothing. */
export class Feed {
  #attempts = 0;
  #socket;
  #timer;

  constructor(address, panel, onMessage) {
    Object.assign(this, { address, panel, onMessage });
  }

  restart() {
    clearTimeout(this.#timer);
    if (this.#socket) {
      this.#socket.onclose = this.#socket.onmessage = null;
      this.#socket.close();
    }
    this.#attempts = 0;
    this.#open();
  }

  #open() {
    const socket = (this.#socket = new WebSocket(this.address()));
    this.panel.state = 'Connecting';
    socket.onmessage = (event) => {
      this.#attempts = 0;
      this.panel.state = 'Connected';
      this.onMessage(this.panel, JSON.parse(event.data));
    };
    socket.onclose = (event) => {
      const tooSlow = event.code === 1008;
      this.panel.state = tooSlow ? 'Closed: too slow' : 'Reconnecting';
      const delay = Math.random() * Math.min(longestDelay, firstDelay * 2 ** this.#attempts++);
      this.#timer = setTimeout(() => this.#open(), delay + (tooSlow ? delayWhenTooSlow : 0));
    };
  }
}
