export { AppLogger, type LogFields } from './app-logger.js';
export { LoggingInterceptor } from './logging.interceptor.js';
export { NestLogger } from './nest-logger.js';
export { onHead } from './on-head.js';
export { type RequestContext, currentContext, newRequestContext, runInContext } from './request-context.js';
export {
  type EndedRequest,
  type RequestLogOptions,
  type RequestObserver,
  requestIdOf,
  requestLog,
} from './request-log.middleware.js';
export { type LoggingOptions, type LogLevel, configureLogging } from './root-logger.js';
export { markRouteLine } from './route-line.js';
export type { Span, SpanAttributes, SpanEnd, SpanStart, TracePosition } from './tracing/span.js';
export { readTrace, type Trace, type TraceHeaders, traceHeaders } from './tracing/trace.js';
export { inSpan, openTrace, startSpan, type Tracer, traceWith } from './tracing/tracer.js';
