import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import { AppLogger } from '@app/logging';

export interface TlsFiles {
  /** Chain, PEM. */
  readonly certFile: string;
  /** PEM. */
  readonly keyFile: string;
}

/** Asked for by time: the files of a Kubernetes secret change behind a link, which tells no watcher. */
const LOOK_EVERY_MS = 2_000;

const log = new AppLogger('Certificate');

/** @throws Error naming the file that cannot be read. */
export function readCertificate({ certFile, keyFile }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
}

/**
 * Takes renewed files without a restart: connections that exist go on. A pair that does not fit, because one of the files is
 * newer still, is refused and said, and the one before stays.
 */
export function renewCertificate(server: Server, files: TlsFiles): void {
  const renew = (): void => {
    try {
      server.setSecureContext(readCertificate(files));
      log.info('certificate renewed', { file: files.certFile });
    } catch (error) {
      log.error('the renewed certificate is refused, the one before stays', { error });
    }
  };
  const watched = [files.certFile, files.keyFile];
  for (const file of watched) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, renew);
  server.once('close', () => {
    for (const file of watched) unwatchFile(file, renew);
  });
}
