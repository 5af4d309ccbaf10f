import type { OpenAPIObject } from '@nestjs/swagger';
import { FORM_TYPE, LINES_TYPE, MERGE_PATCH_TYPE } from '@app/rest';
import {
  nameIn,
  type OperationObject,
  type Route,
  routesOf,
  type SchemaObject,
  type Schemas,
} from './open-api.types.js';

/** What the server does with bodies of this kind, whatever the route: the same for each of its method. */
export function completeRequestBody({ operation, method }: Route, schemas: Schemas): void {
  const { requestBody } = operation;
  if (!requestBody || '$ref' in requestBody) return;
  const json = requestBody.content['application/json'];
  if (method === 'patch' && json) requestBody.content = { [MERGE_PATCH_TYPE]: json, 'application/json': json };
  if (requestBody.content[LINES_TYPE]) requestBody.content[LINES_TYPE] = LINES;
  // An absent body counts as an empty object, which is enough where no member is required.
  if (method === 'post')
    requestBody.required = bodySchemas(operation, schemas).some(({ required = [] }) => required.length > 0);
}

const LINES = {
  schema: { type: 'string' as const, description: 'One JSON value on each line, UTF-8; a line has 1 MiB at most.' },
  example: '{"externalId":"shop-1"}\n{"externalId":"shop-2"}\n',
};

/** Unknown members are refused, so the document says so; OAuth's endpoints, which read forms, ignore them (RFC 6749 §3.2). */
export function closeRequestSchemas(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  const operations = routesOf(document).map(({ operation }) => operation);
  const pending = operations
    .filter((operation) => !readsForm(operation))
    .flatMap((operation) => bodySchemas(operation, schemas));
  for (const schema of pending) {
    if (schema.type !== 'object' || schema.additionalProperties !== undefined) continue;
    schema.additionalProperties = false;
    pending.push(...referredBy(schema, schemas));
  }
}

function readsForm({ requestBody }: OperationObject): boolean {
  return requestBody !== undefined && 'content' in requestBody && FORM_TYPE in requestBody.content;
}

function bodySchemas({ requestBody }: OperationObject, schemas: Schemas): SchemaObject[] {
  return requestBody && 'content' in requestBody ? referredBy(Object.values(requestBody.content), schemas) : [];
}

/** The shared schemas that a node names, at whatever depth. */
function referredBy(node: unknown, schemas: Schemas): SchemaObject[] {
  if (typeof node !== 'object' || node === null) return [];
  if ('$ref' in node && typeof node.$ref === 'string') {
    const target = schemas[nameIn({ $ref: node.$ref })];
    return target && !('$ref' in target) ? [target] : [];
  }
  return Object.values(node).flatMap((member) => referredBy(member, schemas));
}
