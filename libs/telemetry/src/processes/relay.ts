import cluster, { type Worker } from 'node:cluster';
import { isMessage, type Message } from './messages.js';

/** One that does not answer by then is left out. */
const PATIENCE_MS = 1_000;

interface Round {
  readonly missing: Set<Worker>;
  readonly values: unknown[];
  readonly end: () => void;
}

/** In the primary: lets its workers ask each other, so that each can answer for all. Call it once. */
export function relayBetweenWorkers(): void {
  const rounds = new Map<number, Round>();
  let last = 0;
  const begin = (asker: Worker, { id: askedAs, topic }: Extract<Message, { plinth: 'ask' }>): void => {
    const id = (last += 1);
    const asked = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
    const values: unknown[] = [];
    const end = (): void => {
      clearTimeout(timer);
      if (rounds.delete(id)) send(asker, { plinth: 'answer', id: askedAs, values });
    };
    const timer = setTimeout(end, PATIENCE_MS);
    rounds.set(id, { missing: new Set(asked), values, end });
    for (const worker of asked) send(worker, { plinth: 'give', id, topic });
  };
  cluster.on('message', (worker, message: unknown) => {
    if (!isMessage(message)) return;
    if (message.plinth === 'ask') begin(worker, message);
    if (message.plinth === 'given') note(rounds.get(message.id), worker, message.value);
  });
}

function note(round: Round | undefined, worker: Worker, value: unknown): void {
  if (!round?.missing.delete(worker)) return;
  round.values.push(value);
  if (round.missing.size === 0) round.end();
}

function send(worker: Worker, message: Message): void {
  if (worker.isConnected()) worker.send(message);
}
