import type { ServerResponse } from 'node:http';

type Listener = (status: number) => void;

const LISTENERS = Symbol('listeners of the head');

/** On the answer itself: a WeakMap of short-lived keys costs the garbage collector more than all of this. */
interface Heard extends ServerResponse {
  [LISTENERS]?: Listener[];
}

/**
 * Calls the listener when the head of the answer is about to be written, for every kind of answer: headers are final only
 * then, and it may still set some.
 *
 * @param listener gets the status; it must not throw.
 */
export function onHead(response: Heard, listener: Listener): void {
  const waiting = response[LISTENERS];
  if (waiting) {
    waiting.push(listener);
    return;
  }
  const all = [listener];
  response[LISTENERS] = all;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is overloaded
  const writeHead = response.writeHead.bind(response) as (...head: readonly unknown[]) => ServerResponse;
  response.writeHead = (...head: readonly unknown[]) => {
    const status = typeof head[0] === 'number' ? head[0] : response.statusCode;
    for (const each of all) each(status);
    return writeHead(...head);
  };
}
