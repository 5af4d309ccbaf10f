import type { OpenAPIObject } from '@nestjs/swagger';

// The package exports the document's type alone; these are its parts.
export type PathItemObject = OpenAPIObject['paths'][string];
export type OperationObject = NonNullable<PathItemObject['get']>;
export type ParameterObject = Exclude<NonNullable<OperationObject['parameters']>[number], { $ref: string }>;
export type ResponseObject = Exclude<NonNullable<OperationObject['responses'][string]>, { $ref: string }>;
export type HeadersObject = NonNullable<ResponseObject['headers']>;
export type HeaderObject = Exclude<HeadersObject[string], { $ref: string }>;
export type SchemaObject = Exclude<Schemas[string], { $ref: string }>;
export type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
export type Method = (typeof METHODS)[number];

/** An operation and where it stands. */
export interface Route {
  readonly method: Method;
  readonly path: string;
  readonly operation: OperationObject;
}

/** Every operation of the document. */
export function routesOf({ paths }: OpenAPIObject): Route[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ method, path, operation }] : [];
    }),
  );
}

/** The name in a reference: `#/components/schemas/Order` → `Order`. */
export function nameIn({ $ref }: { readonly $ref: string }): string {
  return $ref.slice($ref.lastIndexOf('/') + 1);
}
