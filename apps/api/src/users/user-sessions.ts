import type { EntityManager } from 'typeorm';

/** Asked when a user changes in a way that ends what he was let into; the auth feature answers. */
export abstract class UserSessions {
  /**
   * Ends all sessions of a user in the caller's transaction.
   *
   * @returns call it after the commit: it resolves when every instance refuses the tokens of these sessions.
   */
  abstract endAll(userId: string, manager: EntityManager): Promise<() => Promise<void>>;
}
