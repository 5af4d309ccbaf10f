/** What the composition root gives. */
export abstract class RestOptions {
  /** Path before every route, with a leading and no trailing slash: `/api/v1`. */
  abstract readonly prefix: string;
  /** Largest body, in bytes, after decompression. */
  abstract readonly bodyLimitBytes: number;
  /** Largest body of lines, in bytes, after decompression. */
  abstract readonly importLimitBytes: number;
  /** Keys that sign cursors: the first signs, all verify. */
  abstract readonly cursorKeys: readonly Buffer[];
  /** Keys of the fingerprints of bodies, which may hold a password: the first seals, all recognise. */
  abstract readonly fingerprintKeys: readonly Buffer[];
}
