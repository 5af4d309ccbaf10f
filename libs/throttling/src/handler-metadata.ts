import type { Type } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

/** A Reflector that looks once at what decorators have written: it does not change while the application runs. */
export class HandlerMetadata extends Reflector {
  private readonly found = new WeakMap<object, WeakMap<object, Map<unknown, unknown>>>();

  // oxlint-disable-next-line typescript/no-unsafe-function-type -- as the base class has it
  override getAllAndOverride<T>(key: unknown, targets: (Type | Function)[]): T {
    const known = this.of(targets);
    if (!known.has(key)) known.set(key, super.getAllAndOverride<unknown, unknown>(key, targets));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the base class trusts its caller with the type, too
    return known.get(key) as T;
  }

  /** What is worked out of the metadata of a handler and its class, once. */
  once<T>(key: string, targets: readonly object[], work: () => T): T {
    const known = this.of(targets);
    if (!known.has(key)) known.set(key, work());
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- each key belongs to one caller
    return known.get(key) as T;
  }

  /** A handler that is inherited has what each of its classes says. */
  private of([handler = HandlerMetadata, owner = handler]: readonly object[]): Map<unknown, unknown> {
    let owners = this.found.get(handler);
    if (!owners) this.found.set(handler, (owners = new WeakMap()));
    let known = owners.get(owner);
    if (!known) owners.set(owner, (known = new Map()));
    return known;
  }
}
