import type { OpenAPIObject } from '@nestjs/swagger';
import type { OperationObject, PathItemObject } from './open-api.types.js';
import { ACCESS_EXTENSION, type AccessRule, FORBIDDEN, isAccessRule, TOKEN_INVALID, TOKEN_MISSING } from '@app/auth';
import {
  findProblem,
  INTERNAL,
  NOT_ACCEPTABLE,
  type Problem,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
  SERVICE_UNAVAILABLE,
  TOO_LARGE,
  UNSUPPORTED_MEDIA_TYPE,
} from '@app/problem';
import { MERGE_PATCH_TYPE, PROBLEMS_EXTENSION } from '@app/rest';
import { addAnswerHeaders } from './answer-headers.js';
import { PROBLEM_SCHEMAS, problemResponse } from './problem-response.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

/** Adds to each operation what all of its kind have: access, errors, headers. So no controller repeats it. */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  document.components = { ...document.components, schemas: { ...document.components?.schemas, ...PROBLEM_SCHEMAS } };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const [method, operation] of operationsOf(item)) completeOperation(operation, { method, path });
  }
  closeRequestSchemas(document);
  return document;
}

function operationsOf(item: PathItemObject): [Method, OperationObject][] {
  return METHODS.flatMap((method) => {
    const operation = item[method];
    return operation ? [[method, operation] satisfies [Method, OperationObject]] : [];
  });
}

function completeOperation(operation: OperationObject, of: { method: Method; path: string }): void {
  const rule = takeExtension(operation, ACCESS_EXTENSION);
  const codes = takeExtension(operation, PROBLEMS_EXTENSION);
  if (!isAccessRule(rule)) throw new Error(`${of.method} ${of.path} has no access rule`);
  operation.security = rule.kind === 'public' ? [] : [{ oauth2: [] }, { bearer: [] }];
  operation.description = [operation.description, accessNote(rule)].filter(Boolean).join('\n\n');
  if (of.method === 'patch') acceptMergePatch(operation);
  addAnswerHeaders(operation, of);
  const own = Array.isArray(codes) ? codes.map((code) => findProblem(String(code))).filter((problem) => problem !== undefined) : [];
  addProblems(operation, [...own, ...sharedProblems(operation, rule)]);
}

function takeExtension(operation: OperationObject, name: string): unknown {
  const value: unknown = Reflect.get(operation, name);
  Reflect.deleteProperty(operation, name);
  return value;
}

function accessNote(rule: AccessRule): string {
  if (rule.kind === 'public') return 'Access: everyone.';
  if (rule.kind === 'owner') return `Access: the owner, ${rule.or.join(', ')}.`;
  return rule.roles.includes('customer') ? 'Access: everyone signed in.' : `Access: ${rule.roles.join(', ')}.`;
}

/** What is refused alike everywhere; which of it an operation can meet follows from its shape. */
function sharedProblems(operation: OperationObject, rule: AccessRule): Problem[] {
  const readsBody = operation.requestBody !== undefined;
  const hasContent = operation.responses['204'] === undefined;
  const needsRole = rule.kind === 'roles' && !rule.roles.includes('customer');
  return [
    REQUEST_MALFORMED,
    ...(rule.kind === 'public' ? [] : [TOKEN_MISSING, TOKEN_INVALID]),
    ...(needsRole ? [FORBIDDEN] : []),
    ...(hasContent ? [NOT_ACCEPTABLE] : []),
    ...(readsBody ? [TOO_LARGE, UNSUPPORTED_MEDIA_TYPE] : []),
    REQUEST_INVALID,
    INTERNAL,
    SERVICE_UNAVAILABLE,
  ];
}

function addProblems(operation: OperationObject, problems: readonly Problem[]): void {
  const byStatus = Map.groupBy(new Set(problems), ({ status }) => status);
  for (const [status, ofStatus] of byStatus) {
    operation.responses[status] ??= problemResponse(status, ofStatus);
  }
}

function acceptMergePatch({ requestBody }: OperationObject): void {
  if (!requestBody || !('content' in requestBody)) return;
  const json = requestBody.content['application/json'];
  if (json) requestBody.content = { [MERGE_PATCH_TYPE]: json, 'application/json': json };
}

/** Unknown members are refused, so the document says so; the token endpoint ignores them (RFC 6749 §3.2). */
function closeRequestSchemas(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  for (const [name, schema] of Object.entries(schemas)) {
    if (/^(Create|Patch|Place|Pay|Refund|Cancel|Change|Empty)/.test(name) && 'properties' in schema) schema.additionalProperties = false;
  }
}
