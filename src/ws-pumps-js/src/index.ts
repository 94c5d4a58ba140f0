export { ReconnectingWebSocket } from './reconnecting-web-socket.js';
export type { Data, Options } from './options.js';
export type { EventMap, OpenEvent, ReconnectingEvent, UnsentEvent } from './events.js';
