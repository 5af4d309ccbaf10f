import { createHmac } from 'node:crypto';
import type { Ask, Reply } from './api-client.js';
import { PASSWORD } from './factory.js';
import { TEST_KEYS, type TestApp } from './test-app.js';

/** What a sign-in or a refresh gave. */
export interface Pair {
  readonly access: string;
  readonly refresh: string;
}

export const INVALID_GRANT =
  '{"error":"invalid_grant","error_description":"The credentials or the refresh token are not valid."}';

export function passwordGrant(username: string, password = PASSWORD): Record<string, string> {
  return { grant_type: 'password', username, password };
}

export function refreshGrant(token: string): Record<string, string> {
  return { grant_type: 'refresh_token', refresh_token: token };
}

/** @param fields or the form as text, which can repeat a field. */
export function asForm(fields: Readonly<Record<string, string>> | string): Ask {
  const body = new URLSearchParams(typeof fields === 'string' ? fields : { ...fields }).toString();
  return { body, headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
}

/** @throws Error when the user is not let in. */
export async function signIn(app: Pick<TestApp, 'client'>, email: string, password = PASSWORD): Promise<Pair> {
  return pairOf(await app.client.post('/auth/token', { body: passwordGrant(email, password) }));
}

export function refresh(app: Pick<TestApp, 'client'>, token: string): Promise<Reply> {
  return app.client.post('/auth/token', { body: refreshGrant(token) });
}

/** @throws Error when the answer has no tokens. */
export function pairOf(reply: Reply): Pair {
  if (reply.status !== 200) throw new Error(`no tokens, but ${reply.status} ${reply.text}`);
  return { access: reply.body.access_token, refresh: reply.body.refresh_token };
}

/** Header and claims of a JWT, as anyone can read them. */
export function decoded(token: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header = {}, claims = {}] = token.split('.', 2).map((part): Record<string, unknown> => {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  });
  return { header, claims };
}

export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>;
  /** A claim that is undefined is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Which of the test's keys signs; or foreign bytes. */
  readonly key?: string | Buffer;
  readonly hash?: string;
}

/** A token like `genuine`, but with some members changed, and signed again. */
export function forged(genuine: string, { header, claims, key = 'k2', hash = 'sha256' }: Forgery): string {
  const original = decoded(genuine);
  const head = encoded({ ...original.header, ...header });
  const body = encoded({ ...original.claims, ...claims });
  const secret = typeof key === 'string' ? testKey(key) : key;
  return `${head}.${body}.${createHmac(hash, secret).update(`${head}.${body}`).digest('base64url')}`;
}

export function testKey(kid: string): Buffer {
  const entry = TEST_KEYS.split(',').find((candidate) => candidate.startsWith(`${kid}=`));
  if (entry === undefined) throw new Error(`the tests have no key ${kid}`);
  return Buffer.from(entry.slice(kid.length + 1), 'base64url');
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
