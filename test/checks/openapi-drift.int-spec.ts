import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

let directory: string;
let file: string;
let written: string;

beforeAll(() => {
  directory = mkdtempSync(path.join(os.tmpdir(), 'plinth-openapi-'));
  file = path.join(directory, 'openapi.json');
  expect(openapi(file)).toEqual({ status: 0, told: '' });
  written = readFileSync(file, 'utf8');
});

afterAll(() => rmSync(directory, { recursive: true }));

describe('the check of the committed OpenAPI document', () => {
  it('a document as the code has it → passes', () => {
    writeFileSync(file, written);
    expect(openapi('--check', file)).toEqual({ status: 0, told: '' });
  });

  it('texts, names and bounds that differ → fails and says where', () => {
    const altered = written
      .replace('"Place an order"', '"Order"')
      .replace('"placeOrder"', '"order"')
      .replace('"maximum": 150', '"maximum": 99');
    writeFileSync(file, altered);
    const { status, told } = openapi('--check', file);
    expect({ status, lines: told.split('\n') }).toEqual({
      status: 1,
      lines: [
        `${file} is not what the code says; npm run openapi writes it anew.`,
        '- /paths/~1api~1v1~1orders/post/operationId: "order"',
        '+ /paths/~1api~1v1~1orders/post/operationId: "placeOrder"',
        '- /paths/~1api~1v1~1orders/post/summary: "Order"',
        '+ /paths/~1api~1v1~1orders/post/summary: "Place an order"',
        '- /components/schemas/CreateUser/properties/age/maximum: 99',
        '+ /components/schemas/CreateUser/properties/age/maximum: 150',
        '',
      ],
    });
  });

  it('another layout alone → fails and says so', () => {
    writeFileSync(file, JSON.stringify(JSON.parse(written)));
    expect(openapi('--check', file)).toMatchObject({ status: 1, told: expect.stringContaining('The layout differs') });
  });

  it('no document → fails', () => {
    expect(openapi('--check', path.join(directory, 'none.json')).status).toBe(1);
  });
});

function openapi(...words: string[]): { status: number | null; told: string } {
  const program = 'dist/apps/api/src/write-openapi.js';
  const { status, stderr } = spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', env: {} });
  return { status, told: stderr };
}
