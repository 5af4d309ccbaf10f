import { type DynamicModule, Global, Module } from '@nestjs/common';
import { BodyReader } from './body.reader.js';
import { Idempotency } from './idempotency/idempotency.js';
import { IdempotencySweeper } from './idempotency/idempotency.sweeper.js';
import { KeyedExecution } from './idempotency/keyed-execution.js';
import { KeptAnswers } from './idempotency/kept-answers.js';
import { CursorCodec } from './pagination/cursor-codec.js';
import { Pagination } from './pagination/pagination.js';
import { Renderer } from './renderer.js';
import { RestOptions } from './rest-options.js';

/** Pagination, idempotency, and the options of this lib's interceptors. Needs the database. */
@Global()
@Module({})
export class RestModule {
  static forRoot(options: RestOptions): DynamicModule {
    return {
      module: RestModule,
      providers: [
        { provide: RestOptions, useValue: options },
        { provide: CursorCodec, useValue: new CursorCodec(options.cursorKeys) },
        Pagination,
        BodyReader,
        Idempotency,
        IdempotencySweeper,
        KeptAnswers,
        KeyedExecution,
        Renderer,
      ],
      exports: [RestOptions, Pagination, Idempotency, BodyReader, KeptAnswers, KeyedExecution, Renderer],
    };
  }
}
