import { EVERYTHING } from './redis-level.js';

/** Beyond it, everything is dropped. */
const MAX_TAGS = 1_000;

/** Tags that Redis has yet to be told of. */
export class PendingTags {
  private readonly tags = new Set<string>();

  get isEmpty(): boolean {
    return this.tags.size === 0;
  }

  add(tags: readonly string[]): void {
    if (this.tags.has(EVERYTHING)) return;
    if (tags.includes(EVERYTHING) || this.tags.size + tags.length > MAX_TAGS) {
      this.tags.clear();
      this.tags.add(EVERYTHING);
      return;
    }
    for (const tag of tags) this.tags.add(tag);
  }

  /** All of them, which are no longer pending. */
  take(): readonly string[] {
    const taken = [...this.tags];
    this.tags.clear();
    return taken;
  }
}
