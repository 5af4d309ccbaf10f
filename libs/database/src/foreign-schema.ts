import type { DataSource } from 'typeorm';

/** Tables beside ours that a library brings, and migrates by itself. */
export interface ForeignSchema {
  /** Of the schema: it is there before {@link migrate}, since instances that start together cannot all make it. */
  readonly name: string;
  /** Whether they are as the installed library wants them, or newer. */
  isCurrent(source: Pick<DataSource, 'query'>): Promise<boolean>;
  migrate(url: string): Promise<void>;
}
