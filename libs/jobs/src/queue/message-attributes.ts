import type { SpanAttributes } from '@app/logging';

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
export function messageAttributes(
  operation: 'send' | 'process',
  { type, delivery }: { readonly type: string; readonly delivery: string },
): SpanAttributes {
  return {
    'messaging.system': 'pg-boss',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': type,
    'messaging.message.id': delivery,
  };
}
