import { etagOf } from './etag.js';

/**
 * What is sent, before it touches a response: bytes, and the headers that depend on them. Plain data, so that it can be
 * kept and sent again to another request.
 */
export interface Representation {
  readonly body: string;
  /** By their usual spelling: `ETag`, `Link`, … */
  readonly headers: Readonly<Record<string, string>>;
}

export function isRepresentation(value: unknown): value is Representation {
  return typeof value === 'object' && value !== null && 'body' in value && 'headers' in value;
}

export interface RepresentationTraits {
  readonly type: string;
  /** `Cache-Control`. */
  readonly policy: string;
  /** Whether `Prefer` makes another answer of it. */
  readonly dependsOnPrefer: boolean;
}

/** These bytes, with the headers that follow from them; what no cache may keep has no tag. */
export function represent(body: string, { type, policy, dependsOnPrefer }: RepresentationTraits): Representation {
  return {
    body,
    headers: {
      'Content-Type': type,
      'Cache-Control': policy,
      Vary: varies(dependsOnPrefer),
      ...(policy !== NO_STORE && { ETag: etagOf(body) }),
    },
  };
}

/** `Vary`. */
export function varies(dependsOnPrefer: boolean): string {
  return dependsOnPrefer ? 'Authorization, Accept, Prefer' : 'Authorization, Accept';
}

/** A new resource, as the POST that creates it is answered. @param location path of it, with the prefix. */
export function representCreated(resource: object, location: string): Representation {
  const traits = { type: JSON_UTF8, policy: REVALIDATE, dependsOnPrefer: true };
  const { body, headers } = represent(JSON.stringify(resource), traits);
  return { body, headers: { ...headers, Location: location } };
}

export const JSON_UTF8 = 'application/json; charset=utf-8';
export const HTML_UTF8 = 'text/html; charset=utf-8';
export const NO_STORE = 'no-store';
/** Of one caller, and asked about anew each time. */
export const REVALIDATE = 'private, no-cache';
