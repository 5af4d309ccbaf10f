import { AppError, defineProblem, RequestInvalidError } from '@app/problem';

export const RANGE_TOO_LARGE = defineProblem({
  code: 'range.too_large',
  status: 422,
  title: 'Range too large',
  description:
    'The range has more buckets than one answer may: `maxBuckets`. `latestTo` is the latest possible end of it.',
});

export class RangeTooLargeError extends AppError {
  /** @param latestTo the largest `to` for the `from` that was given. */
  constructor(maxBuckets: number, latestTo: string) {
    const detail = `A range has at most ${maxBuckets} buckets: from there, it ends at ${latestTo} at the latest.`;
    super(RANGE_TOO_LARGE, detail, {
      extensions: { maxBuckets, latestTo },
      errors: [{ in: 'query', parameter: 'to', code: 'range.too_large', detail }],
    });
  }
}

export function emptyRange(): RequestInvalidError {
  return new RequestInvalidError([
    { in: 'query', parameter: 'to', code: 'range', detail: 'to must be later than from' },
  ]);
}
