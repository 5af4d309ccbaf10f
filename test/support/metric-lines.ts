import type { ApiClient } from './api-client.js';

/** One line of Prometheus text. */
export interface MetricLine {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(?<name>[a-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/i;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** The lines of `/metrics` whose name begins so. */
export async function metricLines(client: ApiClient, prefix: string): Promise<readonly MetricLine[]> {
  const { text } = await client.get('//metrics');
  return text.split('\n').flatMap((line) => {
    const { name, labels = '', value } = LINE.exec(line)?.groups ?? {};
    if (name === undefined || !name.startsWith(prefix)) return [];
    const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text_ = '']) => [key, text_] as const);
    return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
  });
}

/** @returns 0 when there is no such line. */
export async function metricValue(client: ApiClient, name: string, labels: MetricLine['labels'] = {}): Promise<number> {
  const wanted = Object.entries(labels);
  const lines = await metricLines(client, name);
  const line = lines.find((each) => each.name === name && wanted.every(([key, text]) => each.labels[key] === text));
  return line?.value ?? 0;
}
