import { beforeAll, describe, expect, it } from '@jest/globals';
import { SigningKeys } from '@app/auth';
import type { OpenAPIObject } from '@nestjs/swagger';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { parseConfig } from '../../apps/api/src/app.config.js';
import { describeApp } from '../../apps/api/src/create-app.js';
import { TEST_KEYS } from '../support/test-app.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
interface Found {
  readonly pointer: string;
  readonly node: Record<string, unknown>;
}

const HTTP_METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
/** Nodes whose members are named by us and are no keywords. */
const MAPS = /\/(properties|schemas|responses|headers|parameters|examples|example|value)$/;

let document: OpenAPIObject;
let everything: Found[];
const ajv = new Ajv({ strict: false, allErrors: true });

beforeAll(async () => {
  const resources = { databaseUrl: 'postgres://none', keys: SigningKeys.parse(TEST_KEYS) };
  document = await describeApp(parseConfig({}), resources);
  everything = [...nodes(document, '')];
  addFormats.default(ajv);
  ajv.addFormat('int64', true).addFormat('password', true).addSchema(structuredClone(document), 'openapi');
});

describe('the OpenAPI document', () => {
  it('every operation → has a summary, a description, a known tag and an id of its own', () => {
    const known = document.tags?.map(({ name }) => name) ?? [];
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const bare = operations().filter(({ operation: { summary, description, tags = [], operationId } }) => {
      return !summary || !description || !operationId || tags.length !== 1 || !tags.every((tag) => known.includes(tag));
    });
    expect(bare.map(({ name }) => name)).toEqual([]);
  });

  it('every operation that asks for a token → says so, and what a missing one is answered with', () => {
    const open = operations().filter(({ operation }) => operation.security?.length === 0);
    const closed = operations().filter(({ operation }) => operation.security?.length === 2);
    expect([open.length + closed.length, open.length > 0, closed.length > 0]).toEqual([
      operations().length,
      true,
      true,
    ]);
    expect(closed.filter(({ operation }) => !('401' in operation.responses)).map(({ name }) => name)).toEqual([]);
    expect(open.filter(({ operation }) => '401' in operation.responses).map(({ name }) => name)).toEqual([]);
  });

  it('every read that a client may keep → can be answered with 304', () => {
    const reads = operations().filter(
      ({ name, operation }) =>
        name.startsWith('get ') && operation.tags?.[0] !== 'Operations' && !answersIn(operation, 'text/event-stream'),
    );
    expect(reads.filter(({ operation }) => !('304' in operation.responses)).map(({ name }) => name)).toEqual([]);
    expect(reads.length).toBeGreaterThan(10);
  });

  it('every reference → leads somewhere', () => {
    const refs = everything.map(({ node }) => node['$ref']).filter((ref) => typeof ref === 'string');
    expect(refs.filter((ref) => resolve(ref) === undefined)).toEqual([]);
    expect(refs).toContain('#/components/schemas/Order');
  });

  it('every parameter, header and shared schema → has a description and an example', () => {
    const described = everything.filter(({ pointer }) =>
      /\/parameters\/[^/]+$|\/headers\/[^/]+$|^\/components\/schemas\/[^/]+$/.test(pointer),
    );
    expect(described.length).toBeGreaterThan(100);
    const bare = described.filter(({ node }) => !('$ref' in node) && (!node['description'] || !('example' in node)));
    expect(bare.map(({ pointer }) => pointer)).toEqual([]);
  });

  it('every property → has a description and an example, of its own or in what it refers to', () => {
    const properties = everything.filter(({ pointer }) => /\/properties\/[^/]+$/.test(pointer));
    expect(properties.length).toBeGreaterThan(100);
    const bare = properties.filter(({ node }) => {
      const isShared = '$ref' in node;
      const isList = node['type'] === 'array' && node['items'] !== undefined;
      return !isShared && (!node['description'] || !('example' in node || isList));
    });
    expect(bare.map(({ pointer }) => pointer)).toEqual([]);
  });

  it('every example → is valid by its own schema', () => {
    const exemplified = everything.filter(({ node }) => 'example' in node || ('examples' in node && 'schema' in node));
    expect(exemplified.length).toBeGreaterThan(200);
    expect(exemplified.flatMap((found) => examplesOf(found).flatMap((example) => faults(found, example)))).toEqual([]);
  });

  it('every error → is a problem with an example for each code that it can have', () => {
    const errors = operations().flatMap(({ name, operation }) =>
      Object.entries(operation.responses)
        .filter(([status]) => status >= '400')
        .map(([status, response]) => ({ at: `${name} ${status}`, status, response: whole(response) })),
    );
    const wrong = errors.filter(({ status, response }) => {
      const { schema, examples = {} } = Object(response)['content']?.['application/problem+json'] ?? {};
      const values: { status: number; code: string }[] = Object.values(examples).map(
        (example) => Object(example)['value'],
      );
      const fits = values.every((value) => String(value.status) === status && value.code in examples);
      return schema?.$ref !== '#/components/schemas/Problem' || values.length === 0 || !fits;
    });
    expect(wrong.map(({ at }) => at)).toEqual([]);
  });

  it('bodies of requests → refuse unknown members, but for those of OAuth', () => {
    const bodies = operations().flatMap(({ name, operation }) =>
      operation.requestBody ? [{ name, body: operation.requestBody }] : [],
    );
    const open = bodies.filter(({ body }) => {
      const schemas = 'content' in body ? Object.values(body.content).map(({ schema }) => whole(schema)) : [];
      const objects = schemas.filter((schema) => Object(schema)['type'] !== 'string'); // lines have no members
      return objects.some((schema) => Object(schema)['additionalProperties'] !== false);
    });
    expect(open.map(({ name }) => name)).toEqual(['post /api/v1/auth/token', 'post /api/v1/auth/revoke']);
    expect(whole({ $ref: '#/components/schemas/PlaceOrderItem' })).toMatchObject({ additionalProperties: false });
  });

  it('sign-in → reads forms and JSON, and the password flow of OAuth points at it', () => {
    const { requestBody } = document.paths['/api/v1/auth/token']?.post ?? {};
    expect(Object.keys(Object(requestBody)['content'])).toEqual([
      'application/x-www-form-urlencoded',
      'application/json',
    ]);
    expect(document.components?.securitySchemes?.['oauth2']).toMatchObject({
      flows: { password: { tokenUrl: '/api/v1/auth/token', scopes: {} } },
    });
  });
});

function operations(): { name: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    HTTP_METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ name: `${method} ${path}`, operation }] : [];
    }),
  );
}

/** Every object of the document, with its place. */
function* nodes(node: unknown, pointer: string): Generator<Found> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node) && !MAPS.test(pointer)) yield { pointer, node: { ...node } };
  if (/(?<!\/properties)\/(example|value)$/.test(pointer)) return;
  for (const [name, member] of Object.entries(node)) {
    yield* nodes(member, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  }
}

function examplesOf({ node }: Found): unknown[] {
  const named: object[] = Object.values(Object(node['examples'] ?? {}));
  return [...('example' in node ? [node['example']] : []), ...named.map((example) => Reflect.get(example, 'value'))];
}

/** A parameter, header or media type has its schema beside the example; a schema is its own. */
function faults({ pointer, node }: Found, example: unknown): string[] {
  const place = 'schema' in node ? `${pointer}/schema` : pointer;
  const validate = ajv.compile({ $ref: `openapi#${encodeURI(place)}` });
  return validate(example)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${pointer}: ${instancePath} ${message}`);
}

function answersIn({ responses }: Operation, type: string): boolean {
  const answer = whole(responses['200']);
  return type in Object(Object(answer)['content']);
}

function whole(node: unknown): unknown {
  const ref = Object(node)['$ref'];
  return typeof ref === 'string' ? resolve(ref) : node;
}

function resolve(ref: string): unknown {
  return ref
    .split('/')
    .slice(1)
    .reduce((node: unknown, name) => Object(node)[name], document);
}
