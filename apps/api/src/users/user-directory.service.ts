import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

/** Also of users who are disabled: they cannot sign in, and have ordered all the same. */
const LOCK = `
  SELECT id, email_key FROM users WHERE email_key = ANY ($1::text[]) AND deleted_at IS NULL ORDER BY id FOR SHARE`;

/** Finds many users at once, for work on rows that name them. */
@Injectable()
export class UserDirectoryService {
  /**
   * Users that are not deleted, and none of them is, or is erased, before the transaction ends.
   *
   * @param emailKeys as `emailKeyOf` makes them.
   * @returns id by email key, of those that exist.
   */
  async lockByEmailKey(emailKeys: readonly string[], manager: EntityManager): Promise<ReadonlyMap<string, string>> {
    const rows = await manager.query<{ id: string; email_key: string }[]>(LOCK, [emailKeys]);
    return new Map(rows.map(({ id, email_key: emailKey }) => [emailKey, id]));
  }
}
