import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CursorCodec } from './pagination/cursor-codec.js';
import { Pagination } from './pagination/pagination.js';
import { RestOptions } from './rest-options.js';

/** Pagination, and the options of this lib's interceptors. */
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
      ],
      exports: [RestOptions, Pagination],
    };
  }
}
