import { Injectable, type OnModuleInit, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS_RULE, isAccessRule } from './access-rule.js';
import { AccessOptions } from './access-options.js';

/** Keeps the application from booting while a route states no access rule, or one with an unknown role. */
@Injectable()
export class AccessRuleVerifier implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly options: AccessOptions,
  ) {}

  /** @throws Error that lists every such route. */
  onModuleInit(): void {
    const wrong = this.discovery.getControllers().flatMap(({ metatype }) => this.wrongRoutes(metatype));
    if (wrong.length === 0) return;
    throw new Error(`each route needs @Public(), @Roles() or @OwnerOr() with known roles: ${wrong.join(', ')}`);
  }

  private wrongRoutes(controller: unknown): string[] {
    if (typeof controller !== 'function') return [];
    const prototype: Record<string, unknown> = controller.prototype;
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((name) => isRoute(prototype[name]) && !this.hasRule(prototype[name]))
      .map(
        (name) => `${methodOf(prototype[name])} ${pathOf(controller, prototype[name])} (${controller.name}.${name})`,
      );
  }

  private hasRule(handler: unknown): boolean {
    const rule: unknown = typeof handler === 'function' ? Reflect.getMetadata(ACCESS_RULE, handler) : undefined;
    if (!isAccessRule(rule)) return false;
    const named = rule.kind === 'roles' ? rule.roles : rule.kind === 'owner' ? rule.or : [];
    return named.every((role) => this.options.roles.includes(role));
  }
}

function isRoute(handler: unknown): boolean {
  return typeof handler === 'function' && Reflect.hasMetadata(PATH_METADATA, handler);
}

function methodOf(handler: unknown): string {
  const method: unknown = typeof handler === 'function' ? Reflect.getMetadata(METHOD_METADATA, handler) : undefined;
  return typeof method === 'number' ? String(RequestMethod[method]) : '';
}

/** `/users/:id`, without the prefix of all routes. */
function pathOf(...levels: readonly unknown[]): string {
  const parts = levels.map((level) =>
    typeof level === 'function' ? String(Reflect.getMetadata(PATH_METADATA, level)) : '',
  );
  return `/${parts
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter(Boolean)
    .join('/')}`;
}
