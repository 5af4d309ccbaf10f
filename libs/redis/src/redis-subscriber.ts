import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppLogger } from '@app/logging';
import type { HearingLink, Listener } from './link/hearing-link.js';
import { isConfigured, newHearing } from './link/new-link.js';
import { RedisOptions } from './redis-options.js';

const CONFIRM_EVERY_MS = 250;
/** How long after a question that was answered the connection counts as whole. */
const CONFIRMED_MS = 1_000;

/**
 * The connection that hears messages. Messages and answers come in order on it, so an answered question proves that
 * nothing published before it was missed: {@link isConfirmed} is that proof, for one second at a time. A process that was
 * frozen or cut off finds its proof expired, whatever it believes of its socket.
 */
@Injectable()
export class RedisSubscriber implements OnModuleInit, OnApplicationShutdown {
  private readonly log = new AppLogger(RedisSubscriber.name);
  private readonly channels = new Map<string, Listener>();
  private readonly gapListeners: (() => void)[] = [];
  private link: HearingLink | undefined;
  /** Counts the connections; 0 while there is none whose subscriptions stand. */
  private hearing = 0;
  private connections = 0;
  private confirmedUntil = -Infinity;
  private isAsking = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: RedisOptions) {}

  /** True while every message of the others has been, or is about to be, heard. */
  get isConfirmed(): boolean {
    return performance.now() < this.confirmedUntil;
  }

  async onModuleInit(): Promise<void> {
    if (!isConfigured(this.options)) return;
    const link = await newHearing(this.options, {
      ready: () => void this.begin(link),
      lost: (error) => this.lost(error),
    });
    this.link = link;
    link.open();
    this.timer = setInterval(() => void this.confirm(link), CONFIRM_EVERY_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.notHearing();
    this.link?.close();
  }

  /** Call it before the application listens. One listener a channel. */
  subscribe(channel: string, listener: Listener): void {
    this.channels.set(channel, this.guarded(listener));
    if (this.link?.isReady) void this.begin(this.link);
  }

  /** @param listener hears when the connection is there (again) and may have missed messages before. */
  onGap(listener: () => void): void {
    this.gapListeners.push(this.guarded(listener));
  }

  private lost(error: unknown): void {
    this.notHearing();
    this.log.debug('subscriber', { error }); // the other connection says it aloud
  }

  private notHearing(): void {
    this.hearing = 0;
    this.confirmedUntil = -Infinity;
  }

  /** Subscribes, tells of the gap, and only then asks for the first proof. */
  private async begin(link: HearingLink): Promise<void> {
    this.notHearing();
    this.connections += 1;
    const connection = this.connections;
    try {
      await this.subscribeAll(link);
      if (connection !== this.connections) return; // lost and found meanwhile, or there is one more channel
      for (const listener of this.gapListeners) listener();
      this.hearing = connection;
      await this.confirm(link);
    } catch (error) {
      this.log.debug('subscriber', { error }); // lost again: `ready` comes again, too
    }
  }

  private async subscribeAll(link: HearingLink): Promise<void> {
    const listeners = [...this.channels];
    await Promise.all(listeners.map(([channel, listener]) => link.subscribe(channel, listener)));
  }

  private async confirm(link: HearingLink): Promise<void> {
    const { hearing } = this;
    if (this.isAsking || hearing === 0 || !link.isReady) return;
    this.isAsking = true;
    const askedAt = performance.now();
    try {
      await link.prove();
      if (hearing === this.hearing) this.confirmedUntil = askedAt + CONFIRMED_MS;
    } catch (error) {
      this.log.debug('subscriber', { error });
    } finally {
      this.isAsking = false;
    }
  }

  /** Listeners run in the parser of the client; an error there would break the stream. */
  private guarded<Heard extends unknown[]>(listener: (...heard: Heard) => void): (...heard: Heard) => void {
    return (...heard) => {
      try {
        listener(...heard);
      } catch (error) {
        this.log.error('a listener failed', { error });
      }
    };
  }
}
