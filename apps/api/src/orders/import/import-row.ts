import { hash } from 'node:crypto';
import { AppError, REQUEST_INVALID, REQUEST_MALFORMED, RequestValidationPipe } from '@app/problem';
import { emailKeyOf } from '../../users/index.js';
import { totalCents } from '../order.js';
import { WorthlessOrderError } from '../order.errors.js';
import { ImportOrderDto } from './import-orders.dto.js';

/** Why a row was not imported, as the result of the job tells it. */
export interface RowError {
  /** From 1. */
  readonly line: number;
  /** JSON pointer into the row. */
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
}

/** A row that could be an order by itself. */
export interface ValidRow {
  readonly line: number;
  readonly order: ImportOrderDto;
  readonly emailKey: string;
  /** Equal for rows that mean the same order. */
  readonly fingerprint: string;
}

export interface RejectedRow {
  readonly line: number;
  readonly errors: readonly RowError[];
}

export type ImportRow = ValidRow | RejectedRow;

export interface RawRow {
  readonly line: number;
  readonly value: unknown;
}

/** No valid row is longer, were every character of it escaped; bounds what is parsed. */
const MAX_LINE = 262_144;

const validation = new RequestValidationPipe();
const BODY = { type: 'body', metatype: ImportOrderDto } as const;
/** A row may name members as it likes, and what is told of it is kept with the job. */
const MAX_TOLD = 300;

/** A line of NDJSON as the value that it spells; a row that is rejected when it spells none. */
export function parseLine(line: number, text: string): RawRow | RejectedRow {
  if (text.length > MAX_LINE) return malformed(line, `The line has more than ${MAX_LINE} characters.`);
  try {
    return { line, value: JSON.parse(text) };
  } catch {
    return malformed(line, 'The line is not valid JSON.');
  }
}

/** By the rules of `POST /orders`, and those of the members that an import adds. */
export async function checkRow({ line, value }: RawRow): Promise<ImportRow> {
  try {
    const order = await validated(value);
    if (totalCents(order.items) < 1) throw new WorthlessOrderError();
    const emailKey = emailKeyOf(order.customerEmail);
    return { line, order, emailKey, fingerprint: fingerprintOf(order, emailKey) };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { line, errors: errorsOf(line, error) };
  }
}

async function validated(value: unknown): Promise<ImportOrderDto> {
  const order: unknown = await validation.transform(value ?? null, BODY);
  if (!(order instanceof ImportOrderDto)) throw new Error('the validation gives back an instance of its class');
  return order;
}

function errorsOf(line: number, { errors = [] }: AppError): RowError[] {
  return errors.map((error) => {
    const pointer = 'pointer' in error ? error.pointer : '';
    const detail = pointer === '' && error.code === 'object' ? 'The row must be a JSON object.' : error.detail;
    return { line, pointer: pointer.slice(0, MAX_TOLD), code: REQUEST_INVALID.code, detail: detail.slice(0, MAX_TOLD) };
  });
}

function malformed(line: number, detail: string): RejectedRow {
  return { line, errors: [{ line, pointer: '', code: REQUEST_MALFORMED.code, detail }] };
}

/** Over what the row means, not how it is written: an absent note is a null one, and the case of an address is none. */
function fingerprintOf({ currency, placedAt, note, items }: ImportOrderDto, emailKey: string): string {
  const lines = items.map(({ sku, name, quantity, unitPriceCents }) => [sku, name, quantity, unitPriceCents]);
  const content = [emailKey, currency, placedAt?.toISOString() ?? null, note ?? null, lines];
  return hash('sha256', JSON.stringify(content), 'base64url');
}
