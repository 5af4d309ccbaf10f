import type { OperationObject, ResponseObject } from './open-api.types.js';
import { COMMON_HEADERS, header } from './problem-response.js';

const ETAG = header('Strong entity tag of the body.', '"ZBXyjOgDrcIcr7yvqZ9hTg"', true);
const CACHE_CONTROL = header('Whether and how the answer may be kept.', 'private, no-cache', true);
const VARY = header('Request headers that the answer depends on.', 'Authorization, Accept', true);
const LOCATION = header('Path of the new resource.', '/api/v1/orders/01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11', true);
const LINK = header('First and next page (RFC 8288).', '</api/v1/orders?limit=20>; rel="first"', true);
const PREFERENCE_APPLIED = header('Set when the total was asked for.', 'return=total-count', false);

/** Success answers of an operation get their headers, and reads their 304. */
export function addAnswerHeaders(operation: OperationObject, { method, path }: { method: string; path: string }): void {
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    response.headers = { ...COMMON_HEADERS, ...(isSuccess(status) ? answerHeaders(response, status, path) : {}) };
  }
  if (method === 'get' && !isUncached(path)) operation.responses['304'] = notModified();
}

function answerHeaders(response: ResponseObject, status: string, path: string): NonNullable<ResponseObject['headers']> {
  if (!response.content) return {};
  if (isUncached(path)) return { 'Cache-Control': CACHE_CONTROL };
  return {
    ETag: ETAG,
    'Cache-Control': CACHE_CONTROL,
    Vary: VARY,
    ...(status === '201' && { Location: LOCATION }),
    ...(isPage(response) && { Link: LINK, 'Preference-Applied': PREFERENCE_APPLIED }),
  };
}

function notModified(): ResponseObject {
  return {
    description: 'The caller has the newest version: `If-None-Match` names its ETag.',
    headers: { ...COMMON_HEADERS, ETag: ETAG, 'Cache-Control': CACHE_CONTROL, Vary: VARY },
  };
}

function isSuccess(status: string): boolean {
  return status.startsWith('2');
}

function isUncached(path: string): boolean {
  return path.startsWith('/health/') || path.endsWith('/auth/token') || path.endsWith('/auth/revoke');
}

function isPage({ content }: ResponseObject): boolean {
  const schema = content?.['application/json']?.schema;
  return schema !== undefined && 'properties' in schema && schema.properties?.['page'] !== undefined;
}
