import http, { type RequestListener, type Server, type ServerOptions } from 'node:http';
import https from 'node:https';
import { readCertificate, renewCertificate, type TlsFiles } from './certificate.js';

/**
 * Longer than balancers keep a connection that nobody uses (60 s at nginx and most clouds): the side that sends must be the
 * one that closes, or its next request meets a closed door.
 */
const KEEP_ALIVE_MS = 75_000;
/** For all header lines of a request. */
const HEAD_TIMEOUT_MS = 15_000;
/** For a whole request: 50 MB of lines at 1.4 Mbit/s. */
const REQUEST_TIMEOUT_MS = 300_000;
/** A connection on which nothing moves in either direction. Longer than any statement, and than the beat of event streams. */
const SILENCE_MS = 120_000;
const LOOK_EVERY_MS = 5_000;
/** Of all header lines together; the URL has its own limit. */
const MAX_HEAD_BYTES = 16_384;

const OPTIONS: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEAD_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  connectionsCheckingInterval: LOOK_EVERY_MS,
  maxHeaderSize: MAX_HEAD_BYTES,
};

/**
 * A server whose connections end when nothing comes of them.
 *
 * @param tls HTTPS with these files, TLS 1.2 or later; plain HTTP without.
 * @throws CertificateError when a file cannot be read, or the two do not fit.
 */
export function createServer(listener: RequestListener, tls?: TlsFiles): Server {
  const server = tls === undefined ? http.createServer(OPTIONS, listener) : createTlsServer(listener, tls);
  server.setTimeout(SILENCE_MS);
  return server;
}

function createTlsServer(listener: RequestListener, files: TlsFiles): https.Server {
  const server = https.createServer({ ...OPTIONS, ...readCertificate(files), minVersion: 'TLSv1.2' }, listener);
  renewCertificate(server, files);
  return server;
}
