import type { OpenAPIObject } from '@nestjs/swagger';
import { ACCESS_EXTENSION, type AccessRule, FORBIDDEN, isAccessRule, TOKEN_INVALID, TOKEN_MISSING } from '@app/auth';
import { CACHED_EXTENSION } from '@app/cache';
import { MISDIRECTED, OVERLOADED } from '@app/edge';
import {
  CONCURRENT_UPDATE,
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
import {
  DEPRECATION_EXTENSION,
  IDEMPOTENCE_EXTENSION,
  IDEMPOTENCY_PROBLEMS,
  NO_STORE_EXTENSION,
  PROBLEMS_EXTENSION,
  URI_TOO_LONG,
} from '@app/rest';
import { RATE_LIMIT_EXCEEDED } from '@app/throttling';
import { HEALTH_PATHS, UNCOUNTED_PATHS } from '../uncounted-paths.js';
import {
  addAnswerHeaders,
  addCacheStatus,
  addLimitHeaders,
  addReplayHeader,
  SHARED_PARAMETERS,
} from './answer-headers.js';
import { markDeprecated } from './deprecations.js';
import { spreadExamples } from './examples.js';
import { JOB_PROBLEMS } from './job-problems.js';
import { type OperationObject, type Route, routesOf } from './open-api.types.js';
import { namePages } from './pages.js';
import { addProblemContent, PROBLEM_SCHEMAS, ProblemResponses } from './problem-responses.js';
import { closeRequestSchemas, completeRequestBody } from './request-bodies.js';
import { SHARED_HEADERS } from './shared-headers.js';

/** Adds to each operation what all of its kind have: access, errors, headers. So no controller repeats it. */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas, ...PROBLEM_SCHEMAS };
  const responses = new ProblemResponses();
  document.components = { ...document.components, schemas };
  for (const route of routesOf(document)) {
    completeRequestBody(route, schemas);
    completeOperation(route, responses);
  }
  namePages(document);
  closeRequestSchemas(document);
  spreadExamples(document);
  document.components = {
    ...document.components,
    schemas: sorted(schemas),
    responses: sorted(responses.components),
    parameters: { ...SHARED_PARAMETERS },
    headers: { ...SHARED_HEADERS },
  };
  return document;
}

function completeOperation(route: Route, responses: ProblemResponses): void {
  const { operation, method, path } = route;
  const rule = takeExtension(operation, ACCESS_EXTENSION);
  const codes = takeExtension(operation, PROBLEMS_EXTENSION);
  const isStored = takeExtension(operation, NO_STORE_EXTENSION) === undefined;
  if (!isAccessRule(rule)) throw new Error(`${method} ${path} has no access rule`);
  operation.security = rule.kind === 'public' ? [] : [{ oauth2: [] }, { bearer: [] }];
  operation.description = [operation.description, accessNote(rule)].filter(Boolean).join('\n\n');
  addAnswerHeaders(route, isStored);
  const isIdempotent = takeExtension(operation, IDEMPOTENCE_EXTENSION) !== undefined;
  if (isIdempotent) addReplayHeader(operation);
  if (takeExtension(operation, CACHED_EXTENSION) !== undefined) addCacheStatus(operation);
  if (isCounted(route)) addLimitHeaders(operation);
  const own = Array.isArray(codes)
    ? codes.map((code) => findProblem(String(code))).filter((problem) => problem !== undefined)
    : [];
  const ofJobs = JOB_PROBLEMS[operation.operationId ?? ''] ?? [];
  const problems = [...own, ...ofJobs, ...(isIdempotent ? IDEMPOTENCY_PROBLEMS : []), ...sharedProblems(route, rule)];
  addProblems(route, problems, responses);
  if (takeExtension(operation, DEPRECATION_EXTENSION) !== undefined) markDeprecated(operation);
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
function sharedProblems(route: Route, rule: AccessRule): Problem[] {
  const { operation, method } = route;
  const readsBody = operation.requestBody !== undefined;
  const hasContent = operation.responses['204'] === undefined;
  const needsRole = rule.kind === 'roles' && !rule.roles.includes('customer');
  return [
    REQUEST_MALFORMED,
    URI_TOO_LONG,
    ...(HEALTH_PATHS.test(route.path) ? [] : [MISDIRECTED]),
    ...(isCounted(route) ? [RATE_LIMIT_EXCEEDED, OVERLOADED] : []),
    ...(rule.kind === 'public' ? [] : [TOKEN_MISSING, TOKEN_INVALID]),
    ...(needsRole ? [FORBIDDEN] : []),
    ...(hasContent ? [NOT_ACCEPTABLE] : []),
    ...(method === 'get' ? [] : [CONCURRENT_UPDATE]),
    ...(readsBody ? [TOO_LARGE, UNSUPPORTED_MEDIA_TYPE] : []),
    REQUEST_INVALID,
    INTERNAL,
    SERVICE_UNAVAILABLE,
  ];
}

function isCounted({ path }: Route): boolean {
  return !UNCOUNTED_PATHS.test(path);
}

function addProblems(route: Route, problems: readonly Problem[], responses: ProblemResponses): void {
  const { operation } = route;
  const byStatus = Map.groupBy(new Set(problems), ({ status }) => status);
  for (const [status, ofStatus] of byStatus) {
    const own = operation.responses[status];
    if (own && !('$ref' in own)) addProblemContent(own, ofStatus);
    else operation.responses[status] = responses.refer(status, ofStatus, isCounted(route));
  }
}

function sorted<T>(members: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
