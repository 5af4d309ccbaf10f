import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Server } from 'node:https';
import { createSecureContext } from 'node:tls';
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

/** What the operator can mend. */
export class CertificateError extends Error {
  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`TLS_CERT_FILE and TLS_KEY_FILE must be a certificate and its key, PEM: ${reason}`, { cause });
    this.name = 'CertificateError';
  }
}

/** @throws CertificateError when a file cannot be read, or the two do not fit. */
export function readCertificate({ certFile, keyFile }: TlsFiles): { readonly cert: Buffer; readonly key: Buffer } {
  try {
    const pair = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    throw new CertificateError(error);
  }
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
