import { jest } from '@jest/globals';
import { type DynamicModule, Module } from '@nestjs/common';
import type { JobHandler } from '@app/jobs';
import { AppModule } from '../../apps/api/src/app.module.js';

@Module({})
class TestHandlers {}

/** Applications that are made from now on have these handlers, too, as if a feature brought them. */
export function withHandlers(...handlers: readonly JobHandler[]): void {
  const original = AppModule.forRoot.bind(AppModule);
  jest.spyOn(AppModule, 'forRoot').mockImplementation((...args): DynamicModule => {
    const providers = handlers.map((handler, index) => ({ provide: `handler ${index} of a test`, useValue: handler }));
    const made = original(...args);
    return { ...made, imports: [...(made.imports ?? []), { module: TestHandlers, providers }] };
  });
}
