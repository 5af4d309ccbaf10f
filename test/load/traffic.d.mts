export interface TrafficRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TrafficAnswer {
  /** Milliseconds of `performance.now()` when it was sent. */
  readonly at: number;
  readonly ms: number;
  /** 0: the connection broke. -1: nobody took it. */
  readonly status: number;
  readonly head: string;
}

export function atRate(
  url: string,
  next: () => TrafficRequest,
  options: { readonly perSecond: number; readonly seconds: number },
): Promise<TrafficAnswer[]>;

export function inLanes(
  url: string,
  next: () => TrafficRequest,
  options: { readonly lanes: number; readonly isOver: (answers: readonly unknown[]) => boolean },
): Promise<(TrafficAnswer & { readonly request: TrafficRequest })[]>;

export function shopTraffic(token: string, every?: number): () => TrafficRequest;
