import { LRUCache } from 'lru-cache';
import { type Charge, type Hit, RateLimitStore, type Verdict } from './rate-limit-store.js';

/** A portion is this part of the limit … */
const PORTIONS = 1_000;
/** … and is used up within this part of the window. */
const MOMENTS = 600;
const MAX_KEYS = 20_000;

/** Units that are counted already, for hits to come; or, with none, what was seen a moment ago. */
interface Portion {
  readonly verdict: Verdict;
  readonly until: number;
  left: number;
}

/**
 * Counts large limits in portions: of 2,000 and more, an instance takes a thousandth at a time from the shared store and
 * serves the hits of the next moment from it. So most requests of a busy client cost no round trip. Units are counted
 * before they are used, by a six-hundredth of the window at most: so much earlier they are free again. What an instance holds and does not need, a thousandth
 * at most, the others lack until it is given back. Smaller limits are counted hit by hit.
 */
export class PortionedRateLimitStore extends RateLimitStore {
  private readonly portions = new LRUCache<string, Portion>({ max: MAX_KEYS });

  constructor(private readonly shared: RateLimitStore) {
    super();
  }

  override async takeAll(hits: readonly Hit[]): Promise<readonly Verdict[]> {
    const now = performance.now();
    const served = hits.map((hit) => this.serve(hit, now));
    const missing = hits.filter((_hit, index) => served[index] === undefined);
    if (missing.length === 0) return served.filter((verdict) => verdict !== undefined);
    const fetched = await this.fetch(missing, now);
    return served.map((verdict) => verdict ?? fetched.shift()).filter((verdict) => verdict !== undefined);
  }

  override async giveBack(charges: readonly Charge[]): Promise<void> {
    const gone = charges.filter((charge) => !this.keep(charge));
    if (gone.length > 0) await this.shared.giveBack(gone);
  }

  override async clear(key: string): Promise<void> {
    this.portions.delete(key);
    await this.shared.clear(key);
  }

  private serve({ key, cost }: Hit, now: number): Verdict | undefined {
    const portion = this.portions.get(key);
    if (!portion || now >= portion.until || portion.left < cost) return undefined;
    portion.left -= cost;
    return { ...portion.verdict, remaining: portion.verdict.remaining + portion.left };
  }

  /** Whole portions where the limit is large; near its end, when there is no whole one, the hits themselves. */
  private async fetch(hits: readonly Hit[], now: number): Promise<Verdict[]> {
    this.returnLeftovers(hits);
    const asked = hits.map((hit) => ({ ...hit, cost: hit.cost === 0 ? 0 : Math.max(hit.cost, portionOf(hit)) }));
    const verdicts = await this.shared.takeAll(asked);
    return Promise.all(
      hits.map(async (hit, index) => {
        const verdict = verdicts[index];
        if (!verdict) throw new Error('the store gave no verdict');
        const size = asked[index]?.cost ?? hit.cost;
        if (!verdict.admitted && size > hit.cost) return this.serve(hit, now) ?? this.shared.take(hit);
        return this.open(hit, { verdict, left: size - hit.cost, now });
      }),
    );
  }

  private open(hit: Hit, of: { verdict: Verdict; left: number; now: number }): Verdict {
    const { verdict, left, now } = of;
    if (portionOf(hit) > 0 && verdict.admitted) {
      // Requests that found none at the same moment have fetched one each.
      const other = this.portions.get(hit.key);
      const more = other && now < other.until ? other.left : 0;
      this.portions.set(hit.key, { verdict, left: left + more, until: now + hit.windowMs / MOMENTS });
    }
    return { ...verdict, remaining: verdict.remaining + left };
  }

  /** Of portions that are over. Nobody waits for it, and the store never rejects. */
  private returnLeftovers(hits: readonly Hit[]): void {
    const charges = hits.flatMap((hit) => {
      const portion = this.portions.get(hit.key);
      if (!portion || portion.left === 0) return [];
      this.portions.delete(hit.key);
      const { at, isLocal } = portion.verdict;
      return [{ ...hit, cost: portion.left, at, isLocal }];
    });
    if (charges.length > 0) void this.shared.giveBack(charges);
  }

  /** @returns false when the portion that the charge came from is over. */
  private keep({ key, cost, at }: Charge): boolean {
    const portion = this.portions.get(key);
    if (!portion || portion.verdict.at !== at || performance.now() >= portion.until) return false;
    portion.left += cost;
    return true;
  }
}

/** Units of a portion; 0 where each hit is counted by itself: small limits, and such as block. */
function portionOf({ limit, blockMs = 0 }: Hit): number {
  const size = Math.floor(limit / PORTIONS);
  return size < 2 || blockMs > 0 ? 0 : size;
}
