import type { OpenAPIObject } from '@nestjs/swagger';
import { nameIn, type Route, routesOf, type SchemaObject, type Schemas } from './open-api.types.js';

/** Examples where tools look for them: on each shared schema as a whole, and on each parameter beside its schema. */
export function spreadExamples(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  for (const schema of Object.values(schemas)) {
    if (!('$ref' in schema)) schema.example ??= exampleOf(schema, schemas);
  }
  for (const route of routesOf(document)) hoistParameterExamples(route, schemas);
}

function hoistParameterExamples({ operation }: Route, schemas: Schemas): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter || !parameter.schema) continue;
    parameter.example ??= exampleOf(parameter.schema, schemas);
    if (!('$ref' in parameter.schema)) delete parameter.schema.example;
  }
}

/** Put together from the examples of the members. */
function exampleOf(schema: Schemas[string], schemas: Schemas): unknown {
  if ('$ref' in schema) {
    const target = schemas[nameIn(schema)];
    return target && exampleOf(target, schemas);
  }
  if (schema.example !== undefined) return schema.example;
  const [base] = schema.allOf ?? [];
  if (base) return exampleOf(base, schemas);
  if (schema.items) return [exampleOf(schema.items, schemas)];
  if (schema.properties) return memberExamples(schema, schemas);
  return schema.enum?.[0];
}

/** Without members that are whole things and may be absent: they tend to exclude each other. */
function memberExamples({ properties = {}, required = [] }: SchemaObject, schemas: Schemas): object {
  const members = Object.entries(properties).filter(([name, member]) => required.includes(name) || !isThing(member));
  return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(member, schemas)]));
}

function isThing(member: Schemas[string]): boolean {
  return '$ref' in member || member.allOf !== undefined;
}
