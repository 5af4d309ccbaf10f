import type { HeadersObject, ResponseObject, Route } from './open-api.types.js';
import { headers } from './shared-headers.js';

/** Success answers of an operation get their headers, and reads that a client may keep get their 304. */
export function addAnswerHeaders({ operation, method }: Route, isStored: boolean): void {
  const isTotalled =
    operation.parameters?.some((parameter) => 'name' in parameter && parameter.name === 'Prefer') ?? false;
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    const hasBody = response.content !== undefined && status.startsWith('2');
    response.headers = hasBody ? bodyHeaders(response, { status, isStored, isTotalled }) : headers();
  }
  if (method !== 'get' || !isStored) return;
  operation.responses['304'] = NOT_MODIFIED;
  operation.parameters = [...(operation.parameters ?? []), { $ref: '#/components/parameters/IfNoneMatch' }];
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

function bodyHeaders(
  response: ResponseObject,
  of: { status: string; isStored: boolean; isTotalled: boolean },
): HeadersObject {
  if (!of.isStored) return headers('Cache-Control');
  return {
    ...headers('ETag', 'Cache-Control', 'Vary'),
    ...(of.status === '201' && headers('Location')),
    ...(isPage(response) && headers('Link')),
    ...(isPage(response) && of.isTotalled && headers('Preference-Applied')),
  };
}

function isPage({ content }: ResponseObject): boolean {
  const schema = content?.['application/json']?.schema;
  return schema !== undefined && 'properties' in schema && schema.properties?.['page'] !== undefined;
}
