const firstDelay = 250;
const longestDelay = 4000;
const openTimeout = 8000;

/**
 * A WebSocket that comes back by itself. It waits a random time before each attempt, up to a bound that doubles
 * ("exponential backoff with full jitter"): the pages of a restarted server do not all return in the same moment.
 */
export function connect(url, { onOpen, onMessage, onLost }) {
  let socket;
  let timer;
  let attempts = 0;
  let waiting = false;

  function open() {
    waiting = false;
    clearTimeout(timer);
    socket = new WebSocket(url);
    // Without a limit, a network that swallows packets would hold the attempt for minutes.
    timer = setTimeout(() => socket.close(), openTimeout);
    socket.onopen = () => {
      clearTimeout(timer);
      onOpen();
    };
    socket.onmessage = (event) => {
      // Not earlier: a server that accepts and closes at once is still to be spared.
      attempts = 0;
      onMessage(JSON.parse(event.data));
    };
    socket.onclose = retry;
  }

  function retry() {
    clearTimeout(timer);
    waiting = true;
    timer = setTimeout(open, Math.random() * Math.min(longestDelay, firstDelay * 2 ** attempts++));
    onLost();
  }

  function openNow() {
    if (waiting) open();
  }

  addEventListener('online', openNow);
  open();

  return {
    send(message) {
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close() {
      removeEventListener('online', openNow);
      clearTimeout(timer);
      socket.onclose = socket.onmessage = socket.onopen = null;
      socket.close();
    },
  };
}
