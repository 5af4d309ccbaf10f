/** One kind of error that a consumer can meet: a row of the catalogue and a page under `/problems/<code>`. */
export interface Problem {
  /** Stable, lowercase, dotted: `order.not_found`. */
  readonly code: string;
  /** HTTP status, 400–599. */
  readonly status: number;
  /** The same for every occurrence. */
  readonly title: string;
  /** For the page: when it happens and what the caller can do. */
  readonly description: string;
}

const catalogue = new Map<string, Problem>();
const CODE = /^[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*)+$/;

/**
 * Enters a problem into the catalogue. An {@link AppError} takes nothing else, so no code is ever sent without a page.
 *
 * @throws Error when the code is malformed or taken.
 */
export function defineProblem(problem: Problem): Problem {
  if (!CODE.test(problem.code)) throw new Error(`problem code ${problem.code} is not lowercase and dotted`);
  if (catalogue.has(problem.code)) throw new Error(`problem ${problem.code} is defined twice`);
  const entry = Object.freeze({ ...problem });
  catalogue.set(entry.code, entry);
  return entry;
}

/** Every problem of the loaded modules, ordered by code. */
export function problemCatalogue(): readonly Problem[] {
  return [...catalogue.values()].toSorted((a, b) => (a.code < b.code ? -1 : 1));
}

export function findProblem(code: string): Problem | undefined {
  return catalogue.get(code);
}
