/** What processes on one port ask each other. */
export type Topic = 'metrics' | 'sample';

/** One asks the primary, which asks all (itself excepted) and sends what they gave to the one that asked. */
export type Message =
  | { readonly plinth: 'ask'; readonly id: number; readonly topic: Topic }
  | { readonly plinth: 'give'; readonly id: number; readonly topic: Topic }
  | { readonly plinth: 'given'; readonly id: number; readonly value: unknown }
  | { readonly plinth: 'answer'; readonly id: number; readonly values: readonly unknown[] };

/** Others send messages, too. */
export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && 'plinth' in value && 'id' in value;
}
