import cluster from 'node:cluster';
import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { isMessage, type Message, type Topic } from './messages.js';

/** Longer than the primary waits for one that does not answer. */
const PATIENCE_MS = 2_000;

/** The processes that answer on the same port, this one among them. A process without others is its only peer. */
@Injectable()
export class Peers implements OnModuleInit, OnModuleDestroy {
  private readonly givers = new Map<Topic, () => Promise<unknown>>();
  private readonly waiting = new Map<number, (values: readonly unknown[]) => void>();
  private last = 0;
  private readonly hear = (message: unknown): void => {
    if (!isMessage(message)) return;
    if (message.plinth === 'give') void this.give(message.topic, message.id);
    if (message.plinth === 'answer') this.waiting.get(message.id)?.(message.values);
  };

  onModuleInit(): void {
    if (cluster.isWorker) process.on('message', this.hear);
  }

  onModuleDestroy(): void {
    process.off('message', this.hear);
  }

  /** @param giver answers when a peer asks; what it gives is sent as JSON. */
  onAsked(topic: Topic, giver: () => Promise<unknown>): void {
    this.givers.set(topic, giver);
  }

  /** @returns what each process gives, this one's too, in no order. @throws Error when the primary does not answer. */
  async ask(topic: Topic): Promise<readonly unknown[]> {
    return cluster.isWorker ? this.askPrimary(topic) : [await this.givers.get(topic)?.()];
  }

  private askPrimary(topic: Topic): Promise<readonly unknown[]> {
    const id = (this.last += 1);
    return new Promise((resolve, reject) => {
      const settle = (values?: readonly unknown[]): void => {
        clearTimeout(timer);
        this.waiting.delete(id);
        if (values) resolve(values);
        else reject(new Error('the other processes cannot be asked'));
      };
      const timer = setTimeout(settle, PATIENCE_MS);
      this.waiting.set(id, settle);
      send({ plinth: 'ask', id, topic });
    });
  }

  private async give(topic: Topic, id: number): Promise<void> {
    const value = await this.givers.get(topic)?.();
    send({ plinth: 'given', id, value });
  }
}

function send(message: Message): void {
  if (process.connected) process.send?.(message);
}
