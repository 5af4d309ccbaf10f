import { type CallSite, callSite } from './call-site.js';
import { currentContext } from './request-context.js';
import { type LogLevel, rootLogger } from './root-logger.js';
import { traceFields } from './tracing/trace.js';

export type LogFields = Readonly<Record<string, unknown>>;

/** Call sites remembered per logger; a message made from data would otherwise grow the map without end. */
const MAX_SITES = 500;
const FRAMES_ABOVE_SITE = 4;

/**
 * Structured logger of one class: `private readonly log = new AppLogger(OrdersService.name)`.
 *
 * Each line carries `module` (the class), `function` and `line` of the call, and the ids of the request and its trace. The stack is walked
 * once for each different (level, message): keep messages constant and put what varies into `fields`.
 */
export class AppLogger {
  private readonly sites = new Map<string, CallSite>();

  constructor(private readonly module: string) {}

  debug(message: string, fields: LogFields = {}): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.write('warn', message, fields);
  }

  /** @param fields give the cause as `error`: its type, message and stack go into the line, and nowhere else. */
  error(message: string, fields: LogFields = {}): void {
    this.write('error', message, fields);
  }

  /** The process ends with this. */
  fatal(message: string, fields: LogFields = {}): void {
    this.write('fatal', message, fields);
  }

  private write(level: LogLevel, message: string, fields: LogFields): void {
    const root = rootLogger();
    if (!root.isLevelEnabled(level)) return;
    const context = currentContext();
    root[level](
      {
        module: this.module,
        ...this.siteOf(level, message),
        request_id: context?.requestId ?? null,
        user_id: context?.userId ?? null,
        ...traceFields(context?.trace),
        ...fields,
      },
      message,
    );
  }

  private siteOf(level: LogLevel, message: string): CallSite {
    const key = `${level} ${message}`;
    const known = this.sites.get(key);
    if (known) return known;
    const site = callSite(FRAMES_ABOVE_SITE);
    if (this.sites.size < MAX_SITES) this.sites.set(key, site);
    return site;
  }
}
