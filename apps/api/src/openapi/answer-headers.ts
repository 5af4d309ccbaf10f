import { CSV_TYPE } from '@app/rest';
import type { HeadersObject, OperationObject, ResponseObject, Route } from './open-api.types.js';
import { headers, limitHeaders, optional, required } from './shared-headers.js';

/** Success answers of an operation get their headers, and reads that a client may keep get their 304. */
export function addAnswerHeaders({ operation, method }: Route, isStored: boolean): void {
  const takesPreferences =
    operation.parameters?.some((parameter) => 'name' in parameter && parameter.name === 'Prefer') ?? false;
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    const hasBody = response.content !== undefined && status.startsWith('2');
    response.headers = hasBody ? bodyHeaders(response, { status, isStored, takesPreferences }) : headers();
  }
  if (method !== 'get' || !isStored) return;
  operation.responses['304'] = NOT_MODIFIED;
  operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IfNoneMatch' }];
}

/** What takes an idempotency key says whether an answer is that of before. */
export function addReplayHeader({ responses }: OperationObject): void {
  for (const [status, response] of Object.entries(responses)) {
    if (!response || '$ref' in response || !status.startsWith('2')) continue;
    response.headers = { ...response.headers, ...headers('Idempotent-Replayed') };
  }
}

/** What the cache keeps says where it came from. */
export function addCacheStatus({ responses }: OperationObject): void {
  for (const status of ['200', '304']) {
    const response = responses[status];
    if (!response || '$ref' in response) continue;
    responses[status] = { ...response, headers: { ...response.headers, ...headers('Cache-Status') } };
  }
}

/** Whatever a limit has counted tells of it. */
export function addLimitHeaders({ responses }: OperationObject): void {
  for (const [status, response] of Object.entries(responses)) {
    if (!response || '$ref' in response) continue;
    responses[status] = { ...response, headers: { ...response.headers, ...limitHeaders() } };
  }
}

export const SHARED_PARAMETERS = {
  IfNoneMatch: {
    name: 'If-None-Match',
    in: 'header',
    required: false,
    description: 'ETags of the versions that the caller has; one that is current is answered with 304.',
    schema: { type: 'string' },
    example: '"ZBXyjOgDrcIcr7yvqZ9hTg"',
  },
} as const;

const NOT_MODIFIED: ResponseObject = {
  description: 'The caller has the newest version: `If-None-Match` names its ETag.',
  headers: headers('ETag', 'Cache-Control', 'Vary'),
};

/** An export has no tag, and says what to save it as. */
const EXPORT_HEADERS = { ...headers('Content-Disposition'), ...optional('ETag') };

/** Created, or accepted: the thing is elsewhere. */
const LOCATED = ['201', '202'];

function bodyHeaders(
  response: ResponseObject,
  of: { status: string; isStored: boolean; takesPreferences: boolean },
): HeadersObject {
  const preferences = of.takesPreferences ? headers('Preference-Applied') : {};
  if (!of.isStored) return { ...headers('Cache-Control'), ...preferences };
  return {
    ...headers('ETag', 'Cache-Control', 'Vary'),
    ...(LOCATED.includes(of.status) && headers('Location')),
    ...(of.status === '202' && required('Retry-After')),
    ...(isPage(response) && headers('Link')),
    ...(response.content?.[CSV_TYPE] && EXPORT_HEADERS),
    ...preferences,
  };
}

function isPage({ content }: ResponseObject): boolean {
  const schema = content?.['application/json']?.schema;
  return schema !== undefined && 'properties' in schema && schema.properties?.['page'] !== undefined;
}
