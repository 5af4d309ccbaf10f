import { describe, expect, it } from '@jest/globals';
import { LineInspection, MAX_LINE_BYTES } from './line-inspection.js';

async function* of(...chunks: readonly (Buffer | string)[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function pass(limitBytes: number, ...chunks: readonly (Buffer | string)[]) {
  const inspection = new LineInspection(limitBytes);
  const passed: Buffer[] = [];
  for await (const chunk of inspection.inspect(of(...chunks))) passed.push(chunk);
  return { text: Buffer.concat(passed).toString(), ...inspection.summary };
}

describe('LineInspection', () => {
  it('the same bytes, cut elsewhere → pass, with the same digest', async () => {
    const ö = Buffer.from('ö');
    const first = await pass(100, 'gr', ö.subarray(0, 1), Buffer.concat([ö.subarray(1), Buffer.from('ße\n')]));
    expect(first).toMatchObject({ text: 'größe\n', bytes: 8 });
    expect((await pass(100, 'größe\n')).digest).toBe(first.digest);
    expect((await pass(100, 'größe')).digest).not.toBe(first.digest);
  });

  it.each<[string, string, readonly (Buffer | string)[]]>([
    ['one byte too many', 'request.too_large', ['12345', '67890', '1']],
    ['a byte that is not UTF-8', 'request.malformed', [Buffer.from([0xff])]],
    ['an end within a character', 'request.malformed', [Buffer.from([0xc3])]],
  ])('%s → %s', async (_situation, code, chunks) => {
    await expect(pass(10, ...chunks)).rejects.toMatchObject({ problem: { code } });
  });

  it('a line as long as may be → passes; one byte more, in whatever pieces → refused with its number', async () => {
    const longest = 'x'.repeat(MAX_LINE_BYTES);
    expect(await pass(Infinity, `${longest}\n${longest}`)).toMatchObject({ bytes: 2 * MAX_LINE_BYTES + 1 });
    const refused = pass(Infinity, '{}\n', longest, 'x\n');
    await expect(refused).rejects.toMatchObject({
      errors: [{ code: 'line_too_long', detail: expect.stringContaining('Line 2') }],
    });
  });
});
