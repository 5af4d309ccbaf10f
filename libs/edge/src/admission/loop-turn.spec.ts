import { beforeEach, describe, expect, it } from '@jest/globals';
import { LoopTurn } from './loop-turn.js';

let now: number;
let atTurnEnd: (() => void)[];
let turn: LoopTurn;

beforeEach(() => {
  [now, atTurnEnd] = [0, []];
  turn = new LoopTurn(
    () => now,
    (work) => atTurnEnd.push(work),
  );
});

function endTurn(): void {
  for (const work of atTurnEnd.splice(0)) work();
}

/** How many of so many requests, each of which takes 1 ms at once, are let in within one turn. */
function admitted(requests: number): number {
  let count = 0;
  for (let n = 0; n < requests; n += 1) {
    if (!turn.allows()) continue;
    count += 1;
    now += 1;
  }
  endTurn();
  return count;
}

describe('LoopTurn', () => {
  it('turns below 100 ms → everyone is let in, however many turns there are', () => {
    for (let n = 0; n < 50; n += 1) expect(admitted(90)).toBe(90);
  });

  it('a longer turn → its late comers are refused, and the next turns are kept to 8 ms', () => {
    expect([admitted(300), admitted(300), admitted(300)]).toEqual([100, 8, 8]);
  });

  it('after a second → as before; with another long turn it is kept short for two seconds', () => {
    admitted(300);
    now += 1_000;
    expect(admitted(300)).toBe(100);
    now += 1_000;
    expect(admitted(300)).toBe(8);
    now += 1_000;
    expect(admitted(90)).toBe(90);
  });

  it('a calm minute → forgotten', () => {
    for (let n = 0; n < 4; n += 1) {
      admitted(300);
      now += 8_000;
    }
    now += 60_000;
    admitted(300);
    now += 1_000;
    expect(admitted(90)).toBe(90);
  });

  it('a turn is long and few came in it → the process was not running, and nobody is refused', () => {
    for (let n = 0; n < 64; n += 1) {
      expect(turn.allows()).toBe(true);
      now += 200;
    }
    endTurn();
    expect(admitted(90)).toBe(90);
  });

  it('few requests in a turn → let in while others are kept short', () => {
    admitted(300);
    for (let n = 0; n < 20; n += 1) expect(admitted(8)).toBe(8);
  });
});
