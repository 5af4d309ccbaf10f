import { PrimaryColumn, UpdateDateColumn, VersionColumn } from 'typeorm';

/**
 * Columns of everything that consumers change under `If-Match`. Times have milliseconds, as JSON and cursors do: with
 * PostgreSQL's microseconds a cursor built from a JavaScript date would skip rows.
 */
export abstract class VersionedEntity {
  /** UUIDv7, given by the application: ordered by creation, known before the insert. */
  @PrimaryColumn('uuid')
  id: string;

  @UpdateDateColumn({ name: 'updated_at', type: 'timestamptz', precision: 3 })
  updatedAt: Date;

  /** 1 at creation, one more with each save. */
  @VersionColumn()
  version: number;
}
