import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/index.js';
import { type Person, PersonalData } from './personal-data.js';

/** What somebody has done, and what was done to his account. */
@Injectable()
export class AuditPersonalData extends PersonalData {
  readonly section = 'audit';

  constructor(private readonly log: AuditLog) {
    super();
  }

  collect({ id }: Person, manager: EntityManager): Promise<unknown> {
    return this.log.ofPerson(id, manager);
  }

  /** Nothing: rows name him by his id alone, which tells nobody who he was once everything else is erased. */
  async erase(): Promise<void> {}
}
