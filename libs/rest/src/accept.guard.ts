import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { HTTP_CODE_METADATA } from '@nestjs/common/constants.js';
import { Reflector } from '@nestjs/core';
import { NotAcceptableError } from '@app/problem';
import type { Request } from 'express';
import { acceptedType } from './accepted-type.js';
import { producedBy } from './media-types.decorators.js';

const NO_CONTENT = 204;

/** Refuses, before anything is done, a request whose answer its caller could not read (406). */
@Injectable()
export class AcceptGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const handler = context.getHandler();
    const produced = producedBy(handler);
    const hasContent = this.reflector.get<number | undefined>(HTTP_CODE_METADATA, handler) !== NO_CONTENT;
    if (hasContent && acceptedType(request, produced) === undefined) throw new NotAcceptableError(produced);
    return true;
  }
}
