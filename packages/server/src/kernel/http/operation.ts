// Operations of the public REST API: what their bodies are, checked here and shown in the OpenAPI document.
import Type, { type Static, type TObject, type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { badRequest } from './errors.js';
import { fields } from './untrusted.js';

/** What the OpenAPI document says of a route. Given to a route as its option `config`. */
export interface Operation {
  readonly operation: {
    readonly summary: string;
    readonly body?: TObject;
  };
}

declare module 'fastify' {
  interface FastifyContextConfig {
    operation?: Operation['operation'];
  }
}

/** A text as clients send it: forms and old clients send numbers and flags unquoted. */
export type LooseText = string | number | boolean | null;
/** A flag as clients send it. */
export type LooseFlag = boolean | 'true' | 'false' | null;

// `error` completes the message: "title must be a text."
const field = <T>(schema: object, description: string, error: string) =>
  Type.Optional(Type.Unsafe<T>({ ...schema, description, error }));

export const textType = (description: string) =>
  field<LooseText>({ type: ['string', 'number', 'boolean', 'null'] }, description, 'must be a text');
export const flagType = (description: string) =>
  field<LooseFlag>({ enum: [true, false, 'true', 'false', null] }, description, 'must be true or false');
/** A public id; what it is the id of, its route checks. */
export const idType = (description: string) =>
  field<string | null>({ type: ['string', 'null'] }, description, 'is not valid');
export const choiceType = <const Choices extends readonly string[]>(choices: Choices, description: string) =>
  field<Choices[number]>({ enum: choices }, description, `must be ${choices.join(' or ')}`);
export const objectType = (description: string) =>
  field<Readonly<Record<string, unknown>> | null>(
    { type: ['object', 'null'] },
    description,
    'must be an object',
  );
export const anyType = (description: string) => field<unknown>({}, description, 'is not valid');

export const asText = (value: LooseText | undefined): string | undefined =>
  value === undefined || value === null ? undefined : String(value);
export const asFlag = (value: LooseFlag | undefined): boolean | undefined =>
  value === undefined || value === null ? undefined : value === true || value === 'true';

/** The body of an operation. */
export interface Body<T extends TObject> {
  readonly schema: T;
  /**
   * The checked body; fields that the schema does not name are left as they are.
   *
   * @throws ApiError 400 that names the field
   */
  read(body: unknown): Static<T>;
}

/**
 * Describes a body. Handlers read it after they have checked the caller, so that who may not do it learns nothing else.
 *
 * @param required fields that must be there and not empty
 */
export function defineBody<const Properties extends Record<string, TSchema>>(
  properties: Properties,
  required: readonly (keyof Properties & string)[] = [],
): Body<TObject<Properties>> {
  const schema = Type.Object(properties, required.length === 0 ? {} : { required: [...required] });
  const checks = Object.entries(properties).map(([name, property]) => {
    const { error } = property as { readonly error?: string };
    return { name, error: error ?? 'is not valid', validator: Compile(property) };
  });
  return {
    schema,
    read: (body) => {
      const given = fields(body);
      for (const name of required)
        if (given[name] === undefined || given[name] === null || given[name] === '')
          throw badRequest(`${name} is required.`);
      for (const { name, error, validator } of checks)
        if (given[name] !== undefined && !validator.Check(given[name])) throw badRequest(`${name} ${error}.`);
      return given as Static<TObject<Properties>>;
    },
  };
}

/** Options of a route that the OpenAPI document describes. */
export const operation = (summary: string, body?: Body<TObject>): { readonly config: Operation } => ({
  config: { operation: { summary, ...(body && { body: body.schema }) } },
});
