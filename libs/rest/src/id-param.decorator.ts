import { type ArgumentMetadata, Injectable, Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { RequestInvalidError } from '@app/problem';
import { isUuid } from './fields/value.fields.js';

@Injectable()
class IdPipe implements PipeTransform<unknown, string> {
  transform(value: unknown, { data = 'id' }: ArgumentMetadata): string {
    if (isUuid(value)) return value.toLowerCase();
    throw new RequestInvalidError([{ in: 'path', parameter: data, code: 'uuid', detail: `${data} must be a UUID.` }]);
  }
}

const EXAMPLE = '01930a5d-5b1c-7c3e-9d0e-2f6f0c5b7a11';

/** A path parameter that is a UUID, such as `@IdParam('id', 'The order.')`; 422 otherwise. */
export function IdParam(name: string, description: string): ParameterDecorator {
  return (target, key, index) => {
    Param(name, IdPipe)(target, key, index);
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (key === undefined || !descriptor) return;
    ApiParam({ name, description, schema: { type: 'string', format: 'uuid', example: EXAMPLE } })(
      target,
      key,
      descriptor,
    );
  };
}
