/** Answers to the entries of one request, each with a status of its own (207). */
export class Batch<T> {
  readonly data: readonly T[];
  readonly #applied: { readonly isReplay: boolean; readonly isMinimal: boolean };

  /** @param applied whether every entry was a replay, and whether `return=minimal` was heeded. */
  constructor(data: readonly T[], applied: { readonly isReplay: boolean; readonly isMinimal: boolean }) {
    this.data = data;
    this.#applied = applied;
  }

  get headers(): Readonly<Record<string, string>> {
    return {
      ...(this.#applied.isReplay && { 'Idempotent-Replayed': 'true' }),
      ...(this.#applied.isMinimal && { 'Preference-Applied': 'return=minimal' }),
    };
  }
}
