import { describe, expect, it } from '@jest/globals';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { catchError, lastValueFrom, map, type Observable, of } from 'rxjs';
import { InterceptorChain } from './interceptor-chain.js';

const context = new ExecutionContextHost([]);

function link(intercept: (next: CallHandler, context: ExecutionContext) => ReturnType<NestInterceptor['intercept']>) {
  return { intercept: (around: ExecutionContext, next: CallHandler) => intercept(next, around) };
}

const named = (name: string) => link((next) => next.handle().pipe(map((value) => `${name}(${String(value)})`)));

function run(links: readonly NestInterceptor[], handle: () => Observable<unknown> = () => of('handler')) {
  return lastValueFrom(new InterceptorChain(links).intercept(context, { handle }));
}

describe('a chain', () => {
  it('the first link → is the outermost', async () => {
    expect(await run([named('a'), named('b'), named('c')])).toBe('a(b(c(handler)))');
  });

  it('no link → the handler', async () => {
    expect(await run([])).toBe('handler');
  });

  it('a link that waits first → the same', async () => {
    const later = link(async (next) => {
      await Promise.resolve();
      return next.handle();
    });
    expect(await run([named('a'), later, named('c')])).toBe('a(c(handler))');
  });

  it('a link that answers by itself → what is within is not called', async () => {
    let calls = 0;
    const handle = () => of((calls += 1));
    expect([await run([named('a'), link(() => of('kept'))], handle), calls]).toEqual(['a(kept)', 0]);
  });

  it.each([
    [
      'throws',
      link(() => {
        throw new Error('no');
      }),
    ],
    ['rejects', link(() => Promise.reject(new Error('no')))],
  ])('a link that %s → an error that those around it can catch', async (_how, failing) => {
    const catching = link((next) => next.handle().pipe(catchError((error: Error) => of(`caught ${error.message}`))));
    expect(await run([catching, failing])).toBe('caught no');
    await expect(run([named('a'), failing])).rejects.toThrow('no');
  });

  it('handled twice, as for a transaction that is repeated → the handler is called twice', async () => {
    let calls = 0;
    const twice = link(async (next) => {
      await lastValueFrom(next.handle());
      return next.handle();
    });
    await run([twice, named('b')], () => of((calls += 1)));
    expect(calls).toBe(2);
  });
});
