import { type ArgumentMetadata, Injectable, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { fieldErrors } from './field-errors.js';
import { refuseHostileBody, refuseHostileQuery } from './hostile-shape.js';
import { RequestInvalidError } from './request.errors.js';

/** Carries the raw errors from the inherited pipe to the place that knows whether a body or a query was validated. */
class Refused extends Error {
  constructor(readonly errors: readonly ValidationError[]) {
    super('validation failed');
  }
}

/**
 * class-validator over every body and query DTO: unknown members refused, each error with its place.
 *
 * An absent body counts as an empty object, so that what is missing is named.
 *
 * @throws RequestInvalidError 422 with one entry for each refused member.
 */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => new Refused(errors),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if ((metadata.type !== 'body' && metadata.type !== 'query') || !this.toValidate(metadata)) return value;
    const input = value ?? (value === undefined ? {} : value);
    if (metadata.type === 'query') refuseHostileQuery(input);
    else refuseHostileBody(input);
    try {
      return await super.transform(input, metadata);
    } catch (error) {
      if (error instanceof Refused) throw new RequestInvalidError(fieldErrors(error.errors, metadata.type));
      throw error;
    }
  }
}
