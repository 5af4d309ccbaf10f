import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';

@ApiSchema({ name: 'PageInfo', description: 'Where a list stands and how it goes on.' })
export class PageInfo {
  @ApiProperty({ description: 'Entries asked for, at most.', example: 20, type: 'integer' })
  readonly limit: number;

  @ApiProperty({
    description: 'Cursor of the next page; null on the last.',
    example: null,
    type: String,
    nullable: true,
  })
  readonly nextCursor: string | null;

  @ApiProperty({ description: 'Whether a next page exists.', example: false })
  readonly hasMore: boolean;

  @ApiPropertyOptional({
    description: 'Entries in all, on `Prefer: return=total-count`.',
    example: 42,
    type: 'integer',
  })
  readonly total?: number;
}

/** Reads the page of so many entries that follows. */
type Following<T> = (limit: number) => Promise<Page<T>>;

/** One page of a list, newest first. */
export class Page<T> {
  readonly #following: Following<T> | undefined;

  /** @param following undefined on the last page. */
  constructor(
    readonly data: readonly T[],
    readonly page: PageInfo,
    following?: Following<T>,
  ) {
    this.#following = following;
  }

  /** The entries after these, at most `limit`; undefined after the last. */
  async next(limit: number): Promise<Page<T> | undefined> {
    return this.#following?.(limit);
  }
}
