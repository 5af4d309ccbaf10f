import type { DataSource } from 'typeorm';

/** Tables beside ours that a library brings, and migrates by itself. */
export interface ForeignSchema {
  /** Whether they are as the installed library wants them, or newer. */
  isCurrent(source: Pick<DataSource, 'query'>): Promise<boolean>;
  migrate(url: string): Promise<void>;
}
