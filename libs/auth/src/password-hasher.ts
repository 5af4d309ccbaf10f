import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Injectable } from '@nestjs/common';

const derive = promisify(argon2);

/** OWASP Password Storage Cheat Sheet, argon2id: 19 MiB, 2 passes, 1 lane; some 33 ms of one core. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const LANES = 1;
const TAG_BYTES = 32;
const SALT_BYTES = 16;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** A well-formed hash that no password has: what an unknown user is compared with, so that he costs the same. */
const NOBODY = `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(Buffer.alloc(SALT_BYTES))}$${unpadded(Buffer.alloc(TAG_BYTES))}`;

/** argon2id hashes in PHC string form. The work runs in libuv's thread pool, which bounds the memory to 4 × 19 MiB. */
@Injectable()
export class PasswordHasher {
  /** @returns `$argon2id$v=19$m=…,t=…,p=…$<salt>$<hash>` */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const tag = await derive('argon2id', {
      message: password.normalize('NFC'),
      nonce: salt,
      memory: MEMORY_KIB,
      passes: PASSES,
      parallelism: LANES,
      tagLength: TAG_BYTES,
    });
    return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${unpadded(salt)}$${unpadded(tag)}`;
  }

  /**
   * Compares in constant time, by the parameters that the hash was made with.
   *
   * @param hash null for a user who does not exist: costs as much and is false.
   * @throws Error when the stored text is no argon2id hash.
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    const [, memory, passes, lanes, salt, tag] = PHC.exec(hash ?? NOBODY) ?? [];
    if (salt === undefined || tag === undefined) throw new Error('the stored password hash is not argon2id');
    const expected = Buffer.from(tag, 'base64');
    const actual = await derive('argon2id', {
      message: password.normalize('NFC'),
      nonce: Buffer.from(salt, 'base64'),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(lanes),
      tagLength: expected.length,
    });
    return timingSafeEqual(actual, expected) && hash !== null;
  }
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
