import { Gauge } from 'prom-client';
import type { LevelReport, ServiceLevels } from './service-levels.js';

/** One for each application of this process; the last one is asked. */
const sources = new Set<ServiceLevels>();

const gauge: Gauge = new Gauge({
  name: 'plinth_service_level',
  help: 'The service levels as /status.json has them: milliseconds, ratios, requests per second; none that is not known.',
  labelNames: ['level'],
  collect: (): Promise<void> => tell(),
});

/** @returns ends it. */
export function showLevels(levels: ServiceLevels): () => void {
  sources.add(levels);
  return () => sources.delete(levels);
}

async function tell(): Promise<void> {
  const report: LevelReport | undefined = await [...sources].at(-1)?.report();
  gauge.reset();
  for (const { name, value } of report?.levels ?? []) if (value !== null) gauge.set({ level: name }, value);
}
