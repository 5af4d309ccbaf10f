import type { Readable } from 'node:stream';

/** The server refuses, or cannot be reached; the message is for the person at the terminal. */
export class ServerError extends Error {}

/** Perhaps it is starting again: asking once more may help. */
export class UnreachableError extends ServerError {}

/** A job as the API shows it, as far as it matters here. */
export interface JobView {
  readonly id: string;
  readonly status: string;
  readonly progress: { readonly done: number; readonly total: number | null };
  readonly result: unknown;
  readonly problem: unknown;
}

const PREFIX = '/api/v1';
/** This status and those above it: the server, or a proxy before it, cannot answer for the moment. */
const SERVER_FAILURE = 500;

/** The HTTP API, as a consumer sees it. */
export class Server {
  constructor(private readonly url: string) {}

  /** @returns an access token. @throws ServerError */
  async signIn(username: string, password: string): Promise<string> {
    const response = await this.ask('/auth/token', {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', username, password }),
    });
    const token: unknown = Reflect.get(await jsonOf(response), 'access_token');
    if (typeof token !== 'string') throw new ServerError('The server issues no token.');
    return token;
  }

  /** @param key the same rows under the same key are the same job. @throws ServerError */
  async startImport(rows: Readable, token: string, key: string): Promise<JobView> {
    const headers = { ...bearer(token), 'Content-Type': 'application/x-ndjson', 'Idempotency-Key': key };
    const request = { method: 'POST', headers, body: rows, duplex: 'half' } as const;
    return jobOf(await jsonOf(await this.ask('/process?type=orders.import', request)));
  }

  /** The stream of events; it ends with the job, or when the line breaks. @throws ServerError */
  async events(jobId: string, token: string): Promise<AsyncIterable<Uint8Array>> {
    const headers = { ...bearer(token), Accept: 'text/event-stream' };
    const { body } = await this.ask(`/jobs/${jobId}/events`, { headers });
    if (!body) throw new ServerError('The server tells nothing of the job.');
    return body;
  }

  private async ask(path: string, request: RequestInit): Promise<Response> {
    const response = await fetch(new URL(PREFIX + path, this.url), request).catch((error: unknown) => {
      throw new UnreachableError(`${this.url} does not answer: ${reasonOf(error)}`);
    });
    if (response.ok) return response;
    const refusal = `The server answers ${response.status}: ${detailOf(await jsonOf(response))}`;
    throw response.status >= SERVER_FAILURE ? new UnreachableError(refusal) : new ServerError(refusal);
  }
}

/** @throws ServerError when it is none. */
export function jobOf(value: unknown): JobView {
  const { id, status, progress, result, problem }: Partial<JobView> = Object(value);
  if (id === undefined || status === undefined || progress === undefined) {
    throw new ServerError('The server answers with something that is no job.');
  }
  return { id, status, progress, result, problem };
}

export function detailOf(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null) return 'no reason is given.';
  const { detail, error_description: description }: { detail?: unknown; error_description?: unknown } = problem;
  return typeof detail === 'string' ? detail : typeof description === 'string' ? description : 'no reason is given.';
}

async function jsonOf(response: Response): Promise<object> {
  const value: unknown = await response.json().catch(() => undefined); // a proxy's page, say
  return typeof value === 'object' && value !== null ? value : {};
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function reasonOf(error: unknown): string {
  const { cause = error } = error instanceof Error ? error : {};
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
