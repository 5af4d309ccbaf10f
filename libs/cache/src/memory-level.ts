import { LRUCache } from 'lru-cache';
import type { Entry } from './entry.js';

export interface MemoryEntry extends Entry {
  /** When the value was known to be true: loaded, or found valid in Redis. */
  readonly confirmedAt: number;
  readonly tags: readonly string[];
  /** Characters, roughly bytes. */
  readonly size: number;
}

const MAX_ENTRIES = 10_000;
const MAX_BYTES = 64 * 1_024 * 1_024;

/** L1: the memory of the process, bounded in entries and bytes. Knows which keys hang on a tag. */
export class MemoryLevel {
  private readonly keysOf = new Map<string, Set<string>>();
  private readonly entries: LRUCache<string, MemoryEntry>;

  constructor({ maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES } = {}) {
    this.entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      sizeCalculation: ({ size }) => size,
      dispose: ({ tags }, key) => this.forget(key, tags),
    });
  }

  get size(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.entries.size, bytes: this.entries.calculatedSize };
  }

  /** Tags that some entry hangs on. */
  get tagsKnown(): number {
    return this.keysOf.size;
  }

  get(key: string): MemoryEntry | undefined {
    return this.entries.get(key);
  }

  /** One that is larger than the whole level is not kept. */
  set(key: string, entry: MemoryEntry): void {
    this.entries.delete(key);
    this.entries.set(key, entry);
    if (!this.entries.has(key)) return;
    for (const tag of entry.tags) {
      const keys = this.keysOf.get(tag);
      if (keys) keys.add(key);
      else this.keysOf.set(tag, new Set([key]));
    }
  }

  delete(key: string): void {
    this.entries.delete(key);
  }

  dropTags(tags: readonly string[]): void {
    for (const tag of tags) for (const key of Array.from(this.keysOf.get(tag) ?? [])) this.entries.delete(key);
  }

  clear(): void {
    this.entries.clear();
  }

  private forget(key: string, tags: readonly string[]): void {
    for (const tag of tags) {
      const keys = this.keysOf.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.keysOf.delete(tag);
    }
  }
}
