/** A span as it came over the wire. */
export interface ExportedSpan {
  readonly service: unknown;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentId: string;
  readonly state: string;
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  /** Nanoseconds. */
  readonly startedAt: bigint;
  readonly endedAt: bigint;
}

const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
const ERROR = 2n;

/** Reads an ExportTraceServiceRequest: https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto */
export function spansOf(body: Buffer): ExportedSpan[] {
  return new Message(body).messages(1).flatMap((resource) => {
    const service = attributesOf(resource.messages(1)[0]?.messages(1) ?? [])['service.name'];
    const spans = resource.messages(2).flatMap((scope) => scope.messages(2));
    return spans.map((span) => spanOf(span, service));
  });
}

function spanOf(span: Message, service: unknown): ExportedSpan {
  return {
    service,
    traceId: span.bytes(1).toString('hex'),
    spanId: span.bytes(2).toString('hex'),
    parentId: span.bytes(4).toString('hex'),
    state: span.bytes(3).toString(),
    name: span.bytes(5).toString(),
    kind: KINDS[Number(span.number(6))] ?? 'unspecified',
    attributes: attributesOf(span.messages(9)),
    isError: span.messages(15)[0]?.number(3) === ERROR,
    startedAt: span.number(7),
    endedAt: span.number(8),
  };
}

function attributesOf(pairs: readonly Message[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map((pair) => [pair.bytes(1).toString(), valueOf(pair.messages(2)[0])]));
}

/** Those kinds of values that we send: strings and whole numbers. */
function valueOf(value: Message | undefined): unknown {
  if (!value) return undefined;
  return value.has(3) ? Number(value.number(3)) : value.bytes(1).toString();
}

/** A message of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/ */
class Message {
  private readonly fields = new Map<number, (bigint | Buffer)[]>();
  private at = 0;

  constructor(private readonly data: Buffer) {
    while (this.at < data.length) {
      const key = Number(this.varint());
      const values = this.fields.get(key >> 3) ?? [];
      values.push(this.value(key & 7));
      this.fields.set(key >> 3, values);
    }
  }

  has(field: number): boolean {
    return this.fields.has(field);
  }

  messages(field: number): Message[] {
    return (this.fields.get(field) ?? []).map(
      (value) => new Message(typeof value === 'bigint' ? Buffer.alloc(0) : value),
    );
  }

  bytes(field: number): Buffer {
    const value = this.fields.get(field)?.[0];
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  }

  number(field: number): bigint {
    const value = this.fields.get(field)?.[0];
    return typeof value === 'bigint' ? value : 0n;
  }

  private value(type: number): bigint | Buffer {
    if (type === 0) return this.varint();
    if (type === 1) return this.take(8).readBigUInt64LE();
    if (type === 2) return this.take(Number(this.varint()));
    if (type === 5) return BigInt(this.take(4).readUInt32LE());
    throw new Error(`no wire type ${type}`);
  }

  private take(length: number): Buffer {
    this.at += length;
    return this.data.subarray(this.at - length, this.at);
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.data[this.at];
      if (byte === undefined) throw new Error('the message ends in the middle');
      this.at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}
