import { RequestMalformedError } from '@app/problem';
import { etagOf } from './etag.js';
import { PreconditionFailedError, PreconditionRequiredError } from './rest.errors.js';

/** RFC 9110 §8.8.3: weak or strong entity tags; `*` stands alone. */
const TAG = /(W\/)?"[\x21\x23-\x7e\x80-\xff]*"/g;
const TAG_LIST = /^\s*(W\/)?"[\x21\x23-\x7e\x80-\xff]*"(\s*,\s*((W\/)?"[\x21\x23-\x7e\x80-\xff]*")?)*\s*$/;

/** What the caller says in `If-Match` about the resource that he wants to change (RFC 9110 §13.1.1). */
export class Precondition {
  private constructor(
    private readonly tags: ReadonlySet<string> | '*' | undefined,
    private readonly required: boolean,
  ) {}

  /**
   * @param header value of `If-Match`.
   * @throws RequestMalformedError 400 when it is neither `*` nor a list of entity tags.
   */
  static parse(header: string | undefined, required: boolean): Precondition {
    if (header === undefined) return new Precondition(undefined, required);
    if (header.trim() === '*') return new Precondition('*', required);
    if (!TAG_LIST.test(header)) throw new RequestMalformedError('If-Match must be * or a list of entity tags.');
    const strong = (header.match(TAG) ?? []).filter((tag) => !tag.startsWith('W/'));
    return new Precondition(new Set(strong), required);
  }

  /**
   * Call it with the row locked, before the change.
   *
   * @param representation the resource as GET would send it now.
   * @throws PreconditionRequiredError 428 when the header is needed and missing.
   * @throws PreconditionFailedError 412 when no tag in it is the present one.
   */
  assertHolds(representation: object): void {
    if (this.tags === undefined && this.required) throw new PreconditionRequiredError();
    if (this.tags === undefined || this.tags === '*') return;
    if (!this.tags.has(etagOf(JSON.stringify(representation)))) throw new PreconditionFailedError();
  }
}
