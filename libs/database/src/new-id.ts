import { v7 } from 'uuid';

/** A fresh UUIDv7 (RFC 9562): unique, and ordered by the millisecond of its making. */
export function newId(): string {
  return v7();
}
