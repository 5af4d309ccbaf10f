import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { type FieldOptions, allowAbsence, documented } from '@app/rest';
import { ArrayMaxSize, ArrayUnique, IsArray, IsIn } from 'class-validator';
import { ROLES } from '../user.js';

/** A set of roles. */
export function RolesField(options: FieldOptions): PropertyDecorator {
  return applyDecorators(
    ApiProperty({
      ...documented(options),
      enum: [...ROLES],
      enumName: 'Role',
      isArray: true,
      example: ['customer', 'analyst'],
      maxItems: ROLES.length,
      uniqueItems: true,
    }),
    allowAbsence(options),
    IsArray({ message: '$property must be an array' }),
    ArrayMaxSize(ROLES.length, { message: '$property has too many entries' }),
    ArrayUnique({ message: '$property must name each role once' }),
    IsIn(ROLES, { each: true, message: `each role must be one of ${ROLES.join(', ')}` }),
  );
}
