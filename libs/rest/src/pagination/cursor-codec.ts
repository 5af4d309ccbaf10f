import { createHmac, timingSafeEqual } from 'node:crypto';
import { CursorInvalidError } from '../rest.errors.js';

/** The last entry of a page: lists are ordered by (time, id), newest first. */
export interface Position {
  /** With milliseconds, no finer. */
  readonly at: Date;
  /** UUID. */
  readonly id: string;
}

const ID_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 16;

/**
 * Positions as opaque text: time, id, and an HMAC over both and over the list that they belong to. What one caller got
 * is of no use to another, or to a list with other filters.
 */
export class CursorCodec {
  /** @param keys the first signs, all verify. */
  constructor(private readonly keys: readonly Buffer[]) {}

  encode(position: Position, list: string): string {
    const bytes = Buffer.alloc(TIME_BYTES + ID_BYTES);
    bytes.writeBigInt64BE(BigInt(position.at.getTime()));
    bytes.write(position.id.replaceAll('-', ''), TIME_BYTES, 'hex');
    const [key] = this.keys;
    if (!key) throw new Error('no key to sign cursors with');
    return Buffer.concat([bytes, mac(key, bytes, list)]).toString('base64url');
  }

  /** @throws CursorInvalidError 422 for anything that {@link encode} did not make for this list. */
  decode(cursor: string, list: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    const isWhole = bytes.length === TIME_BYTES + ID_BYTES + MAC_BYTES && bytes.toString('base64url') === cursor;
    if (!isWhole || !this.isSigned(bytes, list)) throw new CursorInvalidError();
    const hex = bytes.toString('hex', TIME_BYTES, TIME_BYTES + ID_BYTES);
    return {
      at: new Date(Number(bytes.readBigInt64BE())),
      id: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    };
  }

  private isSigned(bytes: Buffer, list: string): boolean {
    const payload = bytes.subarray(0, TIME_BYTES + ID_BYTES);
    const given = bytes.subarray(TIME_BYTES + ID_BYTES);
    return this.keys.some((key) => timingSafeEqual(mac(key, payload, list), given));
  }
}

function mac(key: Buffer, payload: Buffer, list: string): Buffer {
  return createHmac('sha256', key).update(payload).update(list).digest().subarray(0, MAC_BYTES);
}
