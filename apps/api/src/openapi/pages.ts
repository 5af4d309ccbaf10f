import type { OpenAPIObject } from '@nestjs/swagger';
import { nameIn, type ResponseObject, routesOf, type SchemaObject, type Schemas } from './open-api.types.js';

/** Gives the page of each kind of entry a name (`OrderPage`), so that generated clients have one type for it. */
export function namePages(document: OpenAPIObject): void {
  const schemas = document.components?.schemas ?? {};
  for (const { operation } of routesOf(document)) {
    const response = operation.responses['200'];
    if (response && !('$ref' in response)) namePage(response, schemas);
  }
}

function namePage({ content }: ResponseObject, schemas: Schemas): void {
  const json = content?.['application/json'];
  const entry = json?.schema && !('$ref' in json.schema) ? entryOf(json.schema) : undefined;
  if (!json?.schema || entry === undefined) return;
  const name = `${entry}Page`;
  schemas[name] = { description: 'One page of a list.', ...json.schema };
  json.schema = { $ref: `#/components/schemas/${name}` };
}

function entryOf({ properties }: SchemaObject): string | undefined {
  const data = properties?.['data'];
  if (!data || '$ref' in data || !data.items || !('$ref' in data.items)) return undefined;
  return nameIn(data.items);
}
