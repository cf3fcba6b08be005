// The schema as JSON Schema: for editors (schema/ballast.schema.json), for the reference page, and
// for looking up what may stand at a place. scripts/generate.mjs writes the file.
import { z } from "zod";
import { configSchema } from "./schema.ts";

/** The part of JSON Schema that the configuration's schema uses. */
export interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly $ref?: string;
  readonly type?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** What zod makes of the schema's input side. */
export function plainSchema(): SchemaNode {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    // Zod drops these two on the input side of a transform; ours are written as input.
    override: ({ zodSchema, jsonSchema }) => {
      const { examples, default: fallback } = z.globalRegistry.get(zodSchema) ?? {};
      if (examples !== undefined) Object.assign(jsonSchema, { examples });
      if (fallback !== undefined) Object.assign(jsonSchema, { default: fallback });
    },
  });
  return schema as SchemaNode;
}

/** Text of schema/ballast.schema.json. */
export function jsonSchemaText(): string {
  const schema = {
    ...allowVariables(plainSchema()),
    title: "ballast.yaml",
    description: "Configuration of the Ballast load balancer.",
    $defs: {
      variable: {
        description: "Environment variables: ${NAME} or ${NAME:-default}.",
        type: "string",
        pattern: "\\$\\{",
      },
    },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/**
 * A copy in which every scalar may also be text with `${NAME}` in it: the program puts variables in
 * before it looks at types, so an editor must not complain about them.
 */
function allowVariables(node: SchemaNode): SchemaNode {
  const { anyOf, properties, additionalProperties, items, ...own } = node;
  if (isRestricted(own)) {
    const { title, description, default: fallback, examples, ...constraint } = own;
    const words = { title, description, default: fallback, examples };
    return { ...words, anyOf: [constraint, variable] };
  }
  const forms = anyOf?.map((form) => (isRestricted(form) ? form : allowVariables(form)));
  if (forms && anyOf?.some(isRestricted)) forms.push(variable);
  const keys = Object.entries(properties ?? {});
  return {
    ...own,
    ...(forms && { anyOf: forms }),
    ...(items && { items: allowVariables(items) }),
    ...(properties && {
      properties: Object.fromEntries(keys.map(([key, child]) => [key, allowVariables(child)])),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties:
        typeof additionalProperties === "object"
          ? allowVariables(additionalProperties)
          : additionalProperties,
    }),
  };
}

const variable: SchemaNode = { $ref: "#/$defs/variable" };

/** A scalar that not any text fits; objects and lists cannot come from a variable. */
function isRestricted(node: SchemaNode): boolean {
  if (node.enum !== undefined || node.const !== undefined || node.pattern !== undefined)
    return true;
  return node.type === "integer" || node.type === "boolean";
}
