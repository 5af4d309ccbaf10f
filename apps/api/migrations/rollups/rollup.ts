/**
 * One table of sums over the base tables, kept current by change rows. Everything about it follows from three queries
 * with the same columns: keys, then sums.
 */
export interface Rollup {
  /** The table is `analytics_<name>`. */
  readonly name: string;
  readonly keys: readonly string[];
  readonly sums: readonly string[];
  /** Grow with each write; no recount can tell them, so mending a row makes one more of them. */
  readonly counters?: readonly string[];
  /** From the base tables. */
  readonly recount: string;
  /** The table of its change rows. */
  readonly log: string;
  /** From change rows. @param source that table, or a part of a WITH that has been taken from it. */
  readonly changes: (source: string) => string;
}

/** The quarter of an hour that an instant is in: the finest that any time zone needs since 1972. */
export function quarterOf(instant: string): string {
  return `date_bin('15 minutes', ${instant}, timestamptz '2000-01-01 00:00:00+00')`;
}

export function utc(unit: 'hour' | 'day' | 'month', instant: string): string {
  return `date_trunc('${unit}', ${instant}, 'UTC')`;
}

/** Rows that are in no table: what has come and gone again. */
function nonZero(sums: readonly string[], of: (sum: string) => string): string {
  return sums.map((sum) => `${of(sum)} <> 0`).join(' OR ');
}

/** What the base tables say, and what the rollup says with the changes that are not folded in yet. */
export function views({ name, keys, sums, recount, log, changes }: Rollup): string[] {
  const totals = sums.map((sum) => `sum(${sum}) AS ${sum}`).join(', ');
  const columns = [...keys, ...sums].join(', ');
  return [
    `CREATE VIEW analytics_${name}_recount AS ${recount}`,
    `CREATE VIEW analytics_${name}_current AS
      SELECT ${keys.join(', ')}, ${totals} FROM (
        SELECT ${columns} FROM analytics_${name} UNION ALL SELECT ${columns} FROM (${changes(log)}) AS pending) AS parts
      GROUP BY ${keys.join(', ')}`,
  ];
}

/** A part of a WITH that adds change rows to the rollup. */
export function fold({ name, keys, sums, counters = [], changes }: Rollup, source: string): string {
  const added = [...sums, ...counters];
  const columns = [...keys, ...added].join(', ');
  return `${name} AS (INSERT INTO analytics_${name} AS kept (${columns})
    SELECT ${columns} FROM (${changes(source)}) AS taken WHERE ${nonZero(added, (sum) => sum)}
    ${add(keys, added)})`;
}

/**
 * `analytics_verify_<name>(mend)`: how many rows differ from a recount. Mending excludes the folding alone: writers only
 * append changes, and those of this moment are in the same snapshot as what they changed.
 */
export function verification({ name, keys, sums, counters = [], log }: Rollup): string {
  const differences = sums.map((sum) => `coalesce(r.${sum}, 0) - coalesce(c.${sum}, 0) AS ${sum}`).join(', ');
  const columns = [...keys, ...sums].join(', ');
  return `
    CREATE FUNCTION analytics_verify_${name}(mend boolean) RETURNS bigint LANGUAGE plpgsql
    SET search_path FROM CURRENT SET work_mem = '256MB' AS $$
    DECLARE differing bigint;
    BEGIN
      IF mend THEN PERFORM pg_advisory_xact_lock(hashtext('analytics_fold')); END IF;
      -- An empty rollup is filled without a comparison. Whether it is empty is seen in the same snapshot as the recount.
      INSERT INTO analytics_${name} (${[columns, ...counters].join(', ')})
      SELECT ${[columns, ...counters.map(() => 1)].join(', ')} FROM analytics_${name}_recount
      WHERE mend AND (${nonZero(sums, (sum) => sum)})
        AND NOT EXISTS (SELECT FROM analytics_${name}) AND NOT EXISTS (SELECT FROM ${log});
      GET DIAGNOSTICS differing = ROW_COUNT;
      IF differing > 0 THEN RETURN differing; END IF;
      WITH difference AS MATERIALIZED (
        SELECT ${keys.join(', ')}, ${differences}
        FROM analytics_${name}_recount AS r FULL JOIN analytics_${name}_current AS c USING (${keys.join(', ')})
        WHERE ${nonZero(sums, (sum) => `coalesce(r.${sum}, 0) - coalesce(c.${sum}, 0)`)}),
      mended AS (
        INSERT INTO analytics_${name} AS kept (${[columns, ...counters].join(', ')})
        SELECT ${[columns, ...counters.map(() => 1)].join(', ')} FROM difference WHERE mend
        ${add(keys, [...sums, ...counters])})
      SELECT count(*) INTO differing FROM difference;
      RETURN differing;
    END $$`;
}

function add(keys: readonly string[], sums: readonly string[]): string {
  const changes = sums.map((sum) => `${sum} = kept.${sum} + excluded.${sum}`);
  return `ON CONFLICT (${keys.join(', ')}) DO UPDATE SET ${changes.join(', ')}`;
}
