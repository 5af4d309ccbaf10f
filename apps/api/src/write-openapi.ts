import 'reflect-metadata';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { SigningKeys } from '@app/auth';
import { parseConfig } from './app.config.js';
import { describeApp } from './create-app.js';
import { differences } from './openapi/differences.js';

const FILE = 'openapi.json';
/** Signs nothing: the document does not depend on it. */
const NO_KEY = `none=${Buffer.alloc(32).toString('base64url')}`;

// `write-openapi [file]` writes the OpenAPI document; `write-openapi --check [file]` says where the file differs from it.
const [first, ...rest] = process.argv.slice(2);
const resources = { databaseUrl: 'postgres://none', keys: SigningKeys.parse(NO_KEY) };
const text = `${JSON.stringify(await describeApp(parseConfig({}), resources), null, 2)}\n`;
if (first === '--check') compareWith(rest[0] ?? FILE);
else writeFileSync(first ?? FILE, text);

function compareWith(file: string): void {
  const committed = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  if (committed === text) return;
  const lines = differences(JSON.parse(committed), JSON.parse(text));
  process.stderr.write(`${file} is not what the code says; npm run openapi writes it anew.\n${lines.join('\n')}\n`);
  process.exitCode = 1;
}
