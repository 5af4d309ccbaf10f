import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { OpenAPIObject } from '@nestjs/swagger';

export interface Answer {
  readonly method: string;
  /** With the query, as it was requested. */
  readonly path: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
}

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Response = Exclude<NonNullable<Operation['responses'][string]>, { $ref: string }>;

const UNDOCUMENTED_CODES = ['route.not_found', 'route.method_not_allowed', 'rate_limit.exceeded'];

/** Holds every answer against the OpenAPI document: status, headers and body. What is not documented is an error. */
export class Contract {
  private readonly ajv = new Ajv({ strict: false, allErrors: true });
  private readonly routes: readonly { readonly pattern: RegExp; readonly path: string; readonly isExact: boolean }[];
  private readonly validators = new Map<string, ValidateFunction>();
  private readonly document: OpenAPIObject;

  constructor(shared: OpenAPIObject) {
    const document = inlined(shared);
    this.document = document;
    addFormats.default(this.ajv);
    this.ajv.addFormat('int64', true).addFormat('password', true);
    this.ajv.addSchema(closed(structuredClone(document)), 'openapi');
    this.routes = Object.keys(document.paths)
      .map((path) => ({
        path,
        isExact: !path.includes('{'),
        pattern: new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+')}$`),
      }))
      .toSorted((a, b) => Number(b.isExact) - Number(a.isExact));
  }

  /** @throws Error that says which promise of the document the answer breaks. */
  assertKept(answer: Answer): void {
    const fault = this.fault(answer);
    if (fault !== undefined)
      throw new Error(`${answer.method} ${answer.path} → ${answer.status}: ${fault}\n${answer.text.slice(0, 500)}`);
  }

  /** Whether the operation must be given this header. */
  needs(header: string, call: Pick<Answer, 'method' | 'path'>): boolean {
    const { parameters = [] } = this.operationOf(call)?.operation ?? {};
    return parameters.some((parameter) => 'name' in parameter && parameter.name === header && parameter.required);
  }

  private operationOf({ method, path }: Pick<Answer, 'method' | 'path'>) {
    const [pathname = ''] = path.split('?', 1);
    const route = this.routes.find(({ pattern }) => pattern.test(pathname));
    const documented = method.toLowerCase() === 'head' ? 'get' : method.toLowerCase();
    const operation: Operation | undefined = route && Reflect.get(this.document.paths[route.path] ?? {}, documented);
    return route && operation && { operation, pointer: ['paths', route.path, documented] };
  }

  private fault(answer: Answer): string | undefined {
    const found = this.operationOf(answer);
    if (!found) return this.undocumentedFault(answer);
    const response = found.operation.responses[String(answer.status)];
    if (!response || '$ref' in response) return 'this status is not documented';
    const pointer = [...found.pointer, 'responses', String(answer.status)];
    return this.headerFault(answer, response) ?? this.bodyFault(answer, response, pointer);
  }

  private headerFault({ headers }: Answer, { headers: documented = {} }: Response): string | undefined {
    const missing = Object.entries(documented)
      .filter(([name, header]) => 'required' in header && header.required && headers[name.toLowerCase()] === undefined)
      .map(([name]) => name);
    return missing.length > 0 ? `these documented headers are missing: ${missing.join(', ')}` : undefined;
  }

  private bodyFault(answer: Answer, { content }: Response, pointer: readonly string[]): string | undefined {
    if (answer.method === 'HEAD') return answer.text === '' ? undefined : 'a HEAD answer has a body';
    if (isMinimal(answer)) return answer.text === '' ? undefined : 'a minimal answer has a body';
    if (!content) return answer.text === '' ? undefined : 'a body is not documented';
    const type = answer.headers['content-type']?.split(';', 1)[0] ?? '(none)';
    if (!(type in content)) return `the media type ${type} is not documented`;
    if (!/[/+]json$/.test(type)) return undefined;
    return this.schemaFault(answer.text, [...pointer, 'content', type, 'schema']);
  }

  private undocumentedFault(answer: Answer): string | undefined {
    const fault = this.schemaFault(answer.text, ['components', 'schemas', 'Problem']);
    if (fault !== undefined) return fault;
    const { code }: { code: string } = JSON.parse(answer.text);
    return UNDOCUMENTED_CODES.includes(code) ? undefined : `the operation is not documented, yet answers ${code}`;
  }

  private schemaFault(text: string, pointer: readonly string[]): string | undefined {
    const ref = `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
    const validate = this.validators.get(ref) ?? this.ajv.compile({ $ref: ref });
    this.validators.set(ref, validate);
    return validate(JSON.parse(text)) ? undefined : explain(validate.errors ?? []);
  }
}

/** `Prefer: return=minimal` leaves the body of what was created out. */
function isMinimal({ status, headers }: Answer): boolean {
  return status === 201 && headers['preference-applied'] === 'return=minimal';
}

/** A copy in which responses and headers that operations share stand where they are referred to. */
function inlined(document: OpenAPIObject): OpenAPIObject {
  const { responses, headers } = document.components ?? {};
  const shared = new Map<unknown, unknown>([
    ...Object.entries(responses ?? {}).map(([name, response]) => [`#/components/responses/${name}`, response] as const),
    ...Object.entries(headers ?? {}).map(([name, header]) => [`#/components/headers/${name}`, header] as const),
  ]);
  const place = (_key: string, value: unknown): unknown => {
    const target = typeof value === 'object' && value !== null ? shared.get(Reflect.get(value, '$ref')) : undefined;
    return target === undefined ? value : JSON.parse(JSON.stringify(target), place);
  };
  return JSON.parse(JSON.stringify(document), place);
}

function explain(errors: readonly ErrorObject[]): string {
  return errors
    .map(({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`)
    .join('; ');
}

/** In tests an answer has exactly the members that the document lists; clients must expect more to come. */
function closed<T>(node: T): T {
  if (typeof node !== 'object' || node === null) return node;
  for (const value of Object.values(node)) closed(value);
  if ('properties' in node && 'type' in node && node.type === 'object' && !('additionalProperties' in node)) {
    Object.assign(node, { additionalProperties: false });
  }
  return node;
}
