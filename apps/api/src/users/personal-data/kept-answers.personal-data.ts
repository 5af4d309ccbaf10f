import { Injectable } from '@nestjs/common';
import { KeptAnswers } from '@app/rest';
import type { EntityManager } from 'typeorm';
import { ordersOf, userTag } from '../user-cache.js';
import { type Person, PersonalData } from './personal-data.js';

/** Answers that are kept for repetitions, and show the user or what he has ordered; his orders take care of the latter. */
@Injectable()
export class KeptAnswersPersonalData extends PersonalData {
  readonly section = 'idempotencyKeys';

  constructor(private readonly answers: KeptAnswers) {
    super();
  }

  collect({ id: userId }: Person, manager: EntityManager): Promise<unknown> {
    return this.answers.list([userTag(userId), ordersOf(userId)], manager);
  }

  async erase({ id: userId }: Person, manager: EntityManager): Promise<void> {
    await this.answers.forget([userTag(userId)], manager);
  }
}
