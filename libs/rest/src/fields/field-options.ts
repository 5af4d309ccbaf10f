import { ValidateIf } from 'class-validator';

/** What every field of a request says of itself. */
export interface FieldOptions {
  /** For the OpenAPI document. */
  readonly description: string;
  /** May be absent; absence leaves a stored value as it is. */
  readonly optional?: boolean;
  /** May be `null`. */
  readonly nullable?: boolean;
}

/** Skips the other rules of a field for the absence and the null that it allows. */
export function allowAbsence({ optional = false, nullable = false }: FieldOptions): PropertyDecorator {
  return ValidateIf(
    (_object: object, value: unknown) => !(optional && value === undefined) && !(nullable && value === null),
  );
}

/** The members that all fields share in the document. */
export function documented({ description, optional = false, nullable = false }: FieldOptions) {
  return { description, required: !optional, ...(nullable && { nullable }) };
}
