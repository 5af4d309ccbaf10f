import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Transaction } from '@app/database';
import canonicalize from 'canonicalize';
import { methodKey, scopeKey } from './cache-key.js';
import { type CacheRule, cacheRuleOf, invalidationRuleOf, SCOPES } from './cache-rule.js';
import { LayeredCache } from './layered-cache.js';

type Method = (...args: unknown[]) => unknown;
type Instance = Record<string, Method>;

/**
 * Puts the cache between the methods of services and their callers, once their dependencies are there, and refuses rules
 * that cannot work. Routes are the interceptor's matter.
 */
@Injectable()
export class CacheRuleBinder implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly cache: LayeredCache,
    private readonly transaction: Transaction,
  ) {}

  /** @throws Error that lists every wrong rule. */
  onModuleInit(): void {
    const wrong: string[] = [];
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const instance: unknown = wrapper.instance;
      if (!isInstance(instance)) continue;
      const prototype: object = Object.getPrototypeOf(instance);
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const fault = this.bind(instance, name);
        if (fault !== undefined) wrong.push(`${instance.constructor.name}.${name}: ${fault}`);
      }
    }
    if (wrong.length > 0) throw new Error(`cache rules that cannot work: ${wrong.join('; ')}`);
  }

  private bind(instance: Instance, name: string): string | undefined {
    const method = instance[name];
    if (typeof method !== 'function') return undefined;
    const invalidated = invalidationRuleOf(method);
    const rule = cacheRuleOf(method);
    const isRoute = Reflect.hasMetadata(PATH_METADATA, method);
    if (invalidated && isRoute)
      return 'a route does not know what was committed: put @InvalidatesCache() on the method of the service';
    if (invalidated) instance[name] = this.invalidating(instance, method, invalidated);
    if (!rule) return undefined;
    const fault = faultOf(rule) ?? (isRoute ? routeFault(instance, method) : undefined);
    if (fault === undefined && !isRoute) instance[name] = this.caching(instance, method, rule);
    return fault;
  }

  private caching(instance: Instance, method: Method, rule: CacheRule<readonly unknown[]>): Method {
    const id = `${instance.constructor.name}.${method.name}`;
    const { ttlMs, staleMs = 0, tags } = rule;
    return async (...args) => {
      const load = async (): Promise<unknown> => method.apply(instance, args);
      const scope = scopeKey(rule.scope);
      if (scope === undefined) return load();
      return this.cache.wrap(methodKey(id, scope, canonical(args)), load, {
        ttlMs,
        staleMs,
        tags: tags(...args),
      });
    };
  }

  private invalidating(
    instance: Instance,
    method: Method,
    tags: (result: unknown, ...args: readonly unknown[]) => readonly string[],
  ): Method {
    return async (...args) => {
      const result: unknown = await method.apply(instance, args);
      await this.transaction.changed(...tags(result, ...args));
      return result;
    };
  }
}

/** As JSON with its members in one order; texts and numbers have no members. */
function canonical(args: readonly unknown[]): string {
  return args.every((arg) => typeof arg !== 'object') ? JSON.stringify(args) : (canonicalize(args) ?? '');
}

function isInstance(candidate: unknown): candidate is Instance {
  return typeof candidate === 'object' && candidate !== null;
}

function faultOf({ ttlMs, staleMs = 0, scope, tags }: Partial<CacheRule<readonly unknown[]>>): string | undefined {
  if (!SCOPES.some((known) => known === scope)) return `scope must be ${SCOPES.join(' or ')}`;
  if (!isDuration(ttlMs) || ttlMs === 0) return 'ttlMs must be a number of milliseconds';
  if (!isDuration(staleMs)) return 'staleMs must be a number of milliseconds';
  return typeof tags === 'function' ? undefined : 'tags must be a function';
}

function isDuration(ms: unknown): ms is number {
  return typeof ms === 'number' && Number.isFinite(ms) && ms >= 0;
}

function routeFault(instance: object, method: Method): string | undefined {
  if (Reflect.getMetadata(METHOD_METADATA, method) !== RequestMethod.GET) return 'only GET routes are kept';
  const args: unknown = Reflect.getMetadata(ROUTE_ARGS_METADATA, instance.constructor, method.name);
  const kinds = Object.keys(args ?? {}).map((key) => Number(key.split(':', 1)[0]));
  const touchesResponse = kinds.includes(RouteParamtypes.RESPONSE) || kinds.includes(RouteParamtypes.NEXT);
  return touchesResponse ? 'what a handler does to the response itself cannot be kept' : undefined;
}
