import { RequestValidationPipe } from '@app/problem';
import type { JobType } from './job-handler.js';

const validation = new RequestValidationPipe();

/**
 * The payload as its class has it, by the rules for bodies of requests.
 *
 * @throws RequestInvalidError 422 whose pointers lead into the payload.
 */
export async function parsePayload<P extends object>({ payload: metatype }: JobType<P>, value: unknown): Promise<P> {
  const parsed: unknown = await validation.transform(value, { type: 'body', metatype });
  if (parsed instanceof metatype) return parsed;
  throw new Error(`${metatype.name} cannot be validated`);
}
