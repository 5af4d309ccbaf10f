import type { Request } from 'express';

/** The part of Express' router that is read here: its layers are public, but not in its types. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> } | undefined;
  match(path: string): boolean;
}

/**
 * Methods, in upper case, that some route has for the path; empty when it is unknown. A route has one method each; the
 * framework's own catch-all layers have them all and do not count.
 */
export function allowedMethods(request: Request, path: string): string[] {
  const methods = new Set<string>();
  for (const layer of layersOf(request)) {
    const [method, ...more] = Object.keys(layer.route?.methods ?? {});
    if (method !== undefined && more.length === 0 && matches(layer, path)) methods.add(method.toUpperCase());
  }
  if (methods.has('GET')) methods.add('HEAD');
  return [...methods].toSorted();
}

function matches(layer: Layer, path: string): boolean {
  try {
    return layer.match(path);
  } catch (error) {
    if (error instanceof URIError) return false; // a broken percent-encoding matches no route
    throw error;
  }
}

function layersOf(request: Request): readonly Layer[] {
  const stack: readonly object[] = request.app.router.stack;
  return stack.filter((layer): layer is Layer => 'match' in layer);
}
