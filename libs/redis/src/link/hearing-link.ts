export type Listener = (message: string) => void;

/** The way of messages from Redis, be it one or a cluster. It comes back by itself for ever. */
export interface HearingLink {
  readonly isReady: boolean;
  open(): void;
  close(): void;
  /** One that is subscribed already stays so. */
  subscribe(channel: string, listener: Listener): Promise<void>;
  /** Resolves when everything published before the question has been heard. */
  prove(): Promise<void>;
}
