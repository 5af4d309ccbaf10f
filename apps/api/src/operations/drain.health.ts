import { Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { Drain } from '@app/edge';

/** Whoever is about to end is not ready from that moment, though he still answers: balancers go elsewhere in time. */
@Injectable()
export class DrainHealth {
  constructor(
    private readonly drain: Drain,
    private readonly health: HealthIndicatorService,
  ) {}

  /** No part at all until then. */
  check(): Partial<HealthIndicatorResult<'server'>> {
    return this.drain.isDraining ? this.health.check('server').down() : {};
  }
}
