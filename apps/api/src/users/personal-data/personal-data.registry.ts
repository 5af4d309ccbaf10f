import { Injectable } from '@nestjs/common';
import { DiscoveryService } from '@nestjs/core';
import { PersonalData } from './personal-data.js';

/** Every {@link PersonalData} of the application. */
@Injectable()
export class PersonalDataRegistry {
  constructor(private readonly discovery: DiscoveryService) {}

  /** In the order of their sections. */
  all(): readonly PersonalData[] {
    const instances = this.discovery.getProviders().map(({ instance }): unknown => instance);
    return [...new Set(instances.filter((instance) => instance instanceof PersonalData))].toSorted((a, b) =>
      a.section < b.section ? -1 : 1,
    );
  }
}
