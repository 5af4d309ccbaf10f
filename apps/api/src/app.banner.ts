import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './demo/index.js';

export interface BannerFacts {
  readonly url: string;
  readonly docs: boolean;
  readonly demoData: boolean;
  /** Of the embedded server, if it runs. */
  readonly dataDir: string | undefined;
}

/** What a person at the terminal wants to know next. Goes to standard error: standard output is for log lines. */
export function banner({ url, docs, demoData, dataDir }: BannerFacts): string {
  const rows = [
    ['API', `${url}/api/v1`],
    ...(docs ? [['Swagger', `${url}/docs`]] : []),
    ['Health', `${url}/health/ready`],
    ...(dataDir === undefined ? [] : [['Data', `${dataDir} (embedded PostgreSQL)`]]),
    ...(demoData ? DEMO_ACCOUNTS.map(({ role, email }) => [`Demo ${role}`, `${email} / ${DEMO_PASSWORD}`]) : []),
  ];
  return `\n${rows.map(([name = '', value = '']) => `  ${name.padEnd(14)} ${value}`).join('\n')}\n\n`;
}
