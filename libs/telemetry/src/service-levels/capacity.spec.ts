import { beforeEach, describe, expect, it } from '@jest/globals';
import { Capacity } from './capacity.js';

let capacity: Capacity;
beforeEach(() => {
  capacity = new Capacity();
});

describe('the estimate of capacity', () => {
  it('3,000 requests in 10 s on 40 % of the CPU → 750 a second', () => {
    capacity.add(0, { seconds: 10, requests: 3_000, cpu: 0.4 });
    expect(capacity.estimate()).toBeCloseTo(750);
  });

  it.each([
    ['idle', { seconds: 10, requests: 3, cpu: 0.01 }],
    ['few requests on a fast machine', { seconds: 10, requests: 1_500, cpu: 0.1 }],
    ['busy with something else', { seconds: 10, requests: 100, cpu: 0.9 }],
    ['no share known', { seconds: 0.5, requests: 3_000, cpu: null }],
  ])('%s → says nothing, and changes nothing that is known', (_, figures) => {
    for (let at = 0; at < 100; at += 1) capacity.add(at, figures);
    expect(capacity.estimate()).toBeNull();
    capacity.add(100, { seconds: 10, requests: 2_000, cpu: 0.5 });
    capacity.add(101, figures);
    expect(capacity.estimate()).toBeCloseTo(400);
  });

  it('fewer than 1,000 requests → not known yet', () => {
    capacity.add(0, { seconds: 10, requests: 999, cpu: 0.5 });
    expect(capacity.estimate()).toBeNull();
  });

  it('older than an hour → forgotten', () => {
    capacity.add(0, { seconds: 10, requests: 5_000, cpu: 0.5 });
    capacity.add(3_600_001, { seconds: 10, requests: 2_000, cpu: 0.5 });
    expect(capacity.estimate()).toBeCloseTo(400);
  });
});
