import type { Data } from './options.js';

export function sizeOf(data: Data): number {
  return typeof data === 'string' ? data.length : data instanceof Blob ? data.size : data.byteLength;
}

/** As with a WebSocket, the caller may change its buffer as soon as `send` returns. */
export function copy(data: Data): Data {
  return ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data.slice();
}
