import type { EntityManager } from 'typeorm';

/** Whom it is about. */
export interface Person {
  readonly id: string;
  /** By which rows of others may name him, as `emailKeyOf` makes it. */
  readonly emailKey: string;
}

/**
 * What one feature, or lib, holds on a person. A feature provides a class for each; they are found by this one, because
 * users do not know who knows them.
 */
export abstract class PersonalData {
  /** Member of the export that it fills. */
  abstract readonly section: string;

  /** @returns everything, as plain JSON, read through this manager: all sections show the same moment. */
  abstract collect(person: Person, manager: EntityManager): Promise<unknown>;

  /**
   * Removes what could tell who the person was, and keeps what the ledger and the figures are made from. Part of a
   * transaction that has locked the user. Doing it again is harmless.
   */
  abstract erase(person: Person, manager: EntityManager): Promise<void>;
}
