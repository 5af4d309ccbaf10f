import type { Rule, Verdict } from './rate-limit-store.js';

/** Hits of one such part of a window are kept together, so that memory is bounded whatever the limit. */
export const SLOTS = 60;

interface Slot {
  /** When its last hit came: all of the slot leaves the window with it, so that nothing leaves too early. */
  last: number;
  count: number;
}

interface Asked extends Rule {
  readonly cost: number;
}

/**
 * The hits of one key in process memory. Slots are aligned to the clock, so at most {@link SLOTS} + 1 of them live.
 * `sliding-window.lua.ts` is the same for Redis, line by line; one contract suite holds them together.
 */
export class SlidingWindow {
  /** Oldest first. */
  private slots: Slot[] = [];
  private used = 0;
  private blockedUntil = 0;

  /** @param clock milliseconds; a clock that was set back stands still. */
  take(asked: Asked, clock: number): Verdict {
    const now = this.forget(asked.windowMs, clock);
    const resetBeforeMs = this.resetMs(asked, now);
    const isBlocked = this.blockedUntil > now;
    const needed = asked.cost > 0 ? Math.min(asked.cost, asked.limit) : 1;
    const admitted = !isBlocked && asked.limit > 0 && this.used + needed <= asked.limit;
    if (asked.cost > 0 && admitted) this.count(needed, asked, now);
    if (asked.cost > 0 && !admitted && !isBlocked && asked.blockMs) this.blockedUntil = now + asked.blockMs;
    const remaining = this.blockedUntil > now ? 0 : Math.max(0, asked.limit - this.used);
    return {
      admitted,
      remaining,
      waitMs: admitted && remaining > 0 ? 0 : this.waitMs(admitted ? 1 : needed, asked, now),
      resetMs: this.resetMs(asked, now),
      resetBeforeMs,
      at: now,
      isLocal: true,
    };
  }

  /** Counts what another store has admitted, even over the limit. */
  note(asked: Asked, clock: number): void {
    this.count(Math.min(asked.cost, asked.limit), asked, this.forget(asked.windowMs, clock));
  }

  /** Takes units out again: from the slot in which they were counted at `at`, or else from older ones. */
  giveBack({ cost, limit, windowMs }: Asked, at: number): void {
    let left = Math.min(cost, limit);
    for (const slot of this.slots.toReversed()) {
      if (slotOf(slot.last, windowMs) > slotOf(at, windowMs)) continue;
      const taken = Math.min(left, slot.count);
      slot.count -= taken;
      this.used -= taken;
      left -= taken;
    }
    this.slots = this.slots.filter(({ count }) => count > 0);
  }

  /** Drops the slots that have left the window. @returns the time. */
  private forget(windowMs: number, clock: number): number {
    const now = Math.max(clock, this.slots.at(-1)?.last ?? 0);
    for (let oldest = this.slots[0]; oldest && oldest.last <= now - windowMs; oldest = this.slots[0]) {
      this.used -= oldest.count;
      this.slots.shift();
    }
    return now;
  }

  private count(units: number, { windowMs }: Asked, now: number): void {
    const newest = this.slots.at(-1);
    this.used += units;
    if (newest && slotOf(newest.last, windowMs) === slotOf(now, windowMs)) {
      newest.count += units;
      newest.last = now;
    } else this.slots.push({ last: now, count: units });
  }

  private waitMs(needed: number, { limit, windowMs }: Asked, now: number): number {
    if (this.blockedUntil > now) return this.blockedUntil - now;
    let left = this.used;
    for (const { last, count } of this.slots) {
      left -= count;
      if (left + needed <= limit) return last + windowMs - now;
    }
    return windowMs; // the limit is 0
  }

  private resetMs({ windowMs }: Asked, now: number): number {
    const newest = this.slots.at(-1);
    return Math.max(newest ? newest.last + windowMs - now : 0, this.blockedUntil - now, 0);
  }
}

function slotOf(at: number, windowMs: number): number {
  return Math.floor((at * SLOTS) / windowMs);
}
