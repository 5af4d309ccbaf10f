import { describe, expect, it } from '@jest/globals';
import { defineProblem, findProblem, problemCatalogue } from './problem.js';

const TEXTS = { status: 418, title: 'Short and stout', description: 'Not a coffee machine.' };

describe('defineProblem', () => {
  it('a new code → in the catalogue, frozen', () => {
    const problem = defineProblem({ code: 'teapot.short_stout', ...TEXTS });
    expect(findProblem('teapot.short_stout')).toBe(problem);
    expect(problemCatalogue()).toContain(problem);
    expect(Object.isFrozen(problem)).toBe(true);
  });

  it('the same code again → refused, and the first stays', () => {
    const first = defineProblem({ code: 'teapot.twice', ...TEXTS });
    expect(() => defineProblem({ code: 'teapot.twice', ...TEXTS, status: 400 })).toThrow(
      'teapot.twice is defined twice',
    );
    expect(findProblem('teapot.twice')).toBe(first);
  });

  it.each([
    'teapot',
    'Teapot.empty',
    'teapot.Empty',
    'teapot empty',
    'teapot.',
    '.empty',
    'teapot._empty',
    'teapot.no-handle',
    '',
  ])('the code "%s" → refused', (code) => {
    expect(() => defineProblem({ code, ...TEXTS })).toThrow('is not lowercase and dotted');
  });

  it('many codes → listed in their order', () => {
    for (const code of ['teapot.z', 'teapot.a', 'teapot.m']) defineProblem({ code, ...TEXTS });
    const codes = problemCatalogue().map(({ code }) => code);
    expect(codes).toEqual(codes.toSorted());
  });

  it('a code that nobody defined → unknown, also one that every object has', () => {
    expect([findProblem('teapot.unknown'), findProblem('constructor')]).toEqual([undefined, undefined]);
  });
});
