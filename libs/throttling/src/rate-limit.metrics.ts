import { Counter } from 'prom-client';

const requests = new Counter({
  name: 'plinth_rate_limit_requests_total',
  help: 'Requests that a limit was asked about, by policy and outcome: admitted or denied.',
  labelNames: ['policy', 'outcome'],
});

/** Times that Redis did not answer and the memory of the instance did, by step: take, give_back or clear. */
export const fallbacks = new Counter({
  name: 'plinth_rate_limit_fallbacks_total',
  help: 'Times that Redis did not answer and the memory of the instance did, by step.',
  labelNames: ['step'],
});

interface Outcomes {
  readonly admitted: { inc(): void };
  readonly denied: { inc(): void };
}

const byPolicy = new Map<string, Outcomes>();

export function countVerdict(policy: string, isAdmitted: boolean): void {
  const outcomes = byPolicy.get(policy) ?? prepare(policy);
  outcomes[isAdmitted ? 'admitted' : 'denied'].inc();
}

/** Once for each policy: to look a child up by its labels costs more than to count. */
function prepare(policy: string): Outcomes {
  const outcomes = { admitted: requests.labels(policy, 'admitted'), denied: requests.labels(policy, 'denied') };
  byPolicy.set(policy, outcomes);
  return outcomes;
}
