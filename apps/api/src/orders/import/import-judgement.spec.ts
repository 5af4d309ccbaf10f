import { describe, expect, it } from '@jest/globals';
import { judge } from './import-judgement.js';
import { ImportResult } from './import-result.js';
import { checkRow, type ImportRow, parseLine, type RowError } from './import-row.js';

const ADA = 'ada@example.com';
const CUSTOMERS = new Map([[ADA, 'id of ada']]);

/** @param rows external id, note and address of each; a text is a line as it is. */
async function rowsOf(...rows: readonly (readonly [id: string, note?: string, email?: string] | string)[]) {
  return Promise.all(
    rows.map(async (row, index): Promise<ImportRow> => {
      const line = index + 1;
      const [externalId, note = null, customerEmail = ADA] = row;
      const raw =
        typeof row === 'string' ? parseLine(line, row) : { line, value: anOrder(externalId, note, customerEmail) };
      return 'errors' in raw ? raw : checkRow(raw);
    }),
  );
}

function anOrder(externalId: string | undefined, note: string | null, customerEmail: string): object {
  const items = [{ sku: 'A', name: 'A', quantity: 1, unitPriceCents: 1 }];
  return { externalId, customerEmail, currency: 'USD', items, note };
}

const said = (errors: readonly RowError[]): string[] =>
  errors.map(({ line, pointer, code }) => `${line} ${pointer} ${code}`);

describe('the judgement of rows', () => {
  it('new ones → imported, with their customer', async () => {
    const { fresh, counts } = judge(await rowsOf(['1'], ['2', 'x', 'ADA@example.com']), new Map(), CUSTOMERS);
    expect(fresh.map(({ userId, order }) => [userId, order.externalId])).toEqual([
      ['id of ada', '1'],
      ['id of ada', '2'],
    ]);
    expect(counts).toEqual({ imported: 2, skipped: 0, rejected: 0, errors: [] });
  });

  it('one that stands twice → imported once; with other content → conflict', async () => {
    const { fresh, counts } = judge(await rowsOf(['1'], ['1'], ['1', 'changed']), new Map(), CUSTOMERS);
    expect(fresh).toHaveLength(1);
    expect(counts).toMatchObject({ imported: 1, skipped: 1, rejected: 1 });
    expect(said(counts.errors)).toEqual(['3 /externalId import.conflict']);
  });

  it('known ones → skipped, conflict, and skipped when the customer was erased, whether he exists or not', async () => {
    const rows = await rowsOf(['same', 'x', 'gone@example.com'], ['other'], ['erased']);
    const [first] = rows;
    const same = first && 'fingerprint' in first ? first.fingerprint : '';
    const known = new Map([
      ['same', same],
      ['other', 'another'],
      ['erased', null],
    ]);
    const { fresh, counts } = judge(rows, known, CUSTOMERS);
    expect([fresh, counts]).toMatchObject([[], { imported: 0, skipped: 2, rejected: 1 }]);
    expect(said(counts.errors)).toEqual(['2 /externalId import.conflict']);
  });

  it('one that was rejected → does not stand in the way of the same id later', async () => {
    const rows = await rowsOf(['1', 'x', 'nobody@example.com'], '{"externalId":"1"}', ['1', 'y']);
    const { fresh, counts } = judge(rows, new Map(), CUSTOMERS);
    expect(fresh.map(({ line }) => line)).toEqual([3]);
    expect(counts).toMatchObject({ imported: 1, skipped: 0, rejected: 2 });
    expect(said(counts.errors).slice(0, 2)).toEqual([
      '1 /customerEmail import.unknown_customer',
      '2 /customerEmail request.invalid',
    ]);
  });

  it('a refusal → names nobody', async () => {
    const { counts } = judge(await rowsOf(['1', 'x', 'nobody@example.com'], '{'), new Map(), CUSTOMERS);
    expect(JSON.stringify(counts.errors)).not.toContain('nobody');
  });
});

describe('the result of an import', () => {
  const errors = (count: number): RowError[] =>
    Array.from({ length: count }, (_, index) => ({
      line: index + 1,
      pointer: '',
      code: 'request.malformed',
      detail: '',
    }));

  it('batch after batch → the sums, and the first 1000 errors', () => {
    const result = ImportResult.from(undefined)
      .plus({ imported: 1, skipped: 2, rejected: 999, errors: errors(999) })
      .plus({ imported: 10, skipped: 20, rejected: 3, errors: errors(3) });
    expect(result).toMatchObject({ imported: 11, skipped: 22, rejected: 1_002 });
    expect(result.errors).toHaveLength(1_000);
    expect(result.errors.at(-1)).toMatchObject({ line: 1 });
  });

  it('kept as JSON → goes on from there', () => {
    const kept = ImportResult.from(undefined).plus({ imported: 1, skipped: 0, rejected: 1, errors: errors(1) });
    expect(ImportResult.from(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  });

  it('something else that was kept → an error, not a wrong count', () => {
    expect(() => ImportResult.from({ imported: 1 })).toThrow('lacks');
  });
});
