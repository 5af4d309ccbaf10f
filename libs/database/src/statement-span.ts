import { startSpan } from '@app/logging';
import type { Client } from 'pg';

/** The two ends of a promise. */
export interface Settling {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Longer texts are bulk inserts, whose rest says nothing new. */
const MAX_TEXT = 2_048;
/** An unfinished one is cut by {@link MAX_TEXT}. */
const STRING = /'(?:''|[^'])*(?:'|$)/g;

/**
 * Begins the span of a statement, if its request is traced: https://opentelemetry.io/docs/specs/semconv/database/postgresql/
 *
 * @returns what ends the span, too, when it is called.
 */
export function startStatement(client: Client, statement: unknown, settling: Settling): Settling {
  const span = startSpan(() => describe(client, textOf(statement)));
  if (!span) return settling;
  return {
    resolve: (result) => {
      span.end();
      settling.resolve(result);
    },
    reject: (error) => {
      const code = memberOf(error, 'code'); // a class of errors; their messages quote values
      const name = error instanceof Error ? error.name : 'Error';
      if (typeof code === 'string') span.end({ errorType: code, attributes: { 'db.response.status_code': code } });
      else span.end({ errorType: name });
      settling.reject(error);
    },
  };
}

function describe({ host, port, database = '' }: Client, text: string) {
  const operation = /\w+/.exec(text)?.[0].toUpperCase() ?? 'QUERY';
  return {
    name: `${operation} ${database}`,
    kind: 'client' as const,
    attributes: {
      'db.system.name': 'postgresql',
      'db.namespace': database,
      'db.operation.name': operation,
      'db.query.text': withoutValues(text),
      'server.address': host,
      'server.port': port,
    },
  };
}

/** Values are parameters, so the text has none; but for a string that somebody writes into it one day. */
export function withoutValues(text: string): string {
  return text.slice(0, MAX_TEXT).trim().replace(STRING, "'?'");
}

function textOf(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : memberOf(statement, 'text');
  return typeof text === 'string' ? text : '';
}

function memberOf(thing: unknown, name: string): unknown {
  return typeof thing === 'object' && thing !== null ? Reflect.get(thing, name) : undefined;
}
