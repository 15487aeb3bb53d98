/**
 * Configuration from the environment. Reading it and judging it are two functions; what is judged wrong is reported
 * all at once, by name of variable, never by value.
 *
 * A service's config is a TypeBox object whose property names are the variables. Defaults come from the schema;
 * `secret(...)` marks what may also be read from the file that `NAME_FILE` names and is never printed.
 */
import { readFileSync } from 'node:fs';
import type { Static, TObject, TSchema } from 'typebox';
import { textReader, validatorOf } from './validation.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ConfigFault {
  readonly variable: string;
  readonly expected: string;
  readonly hint: string;
}

/** Marks a variable's schema as secret. */
export const secret = <S extends TSchema>(schema: S): S => ({ ...schema, secret: true });

const isSecret = (schema: unknown): boolean => (schema as { secret?: boolean }).secret === true;

/** Every fault of the configuration; the message is for people and has one line for each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: readonly ConfigFault[];

  constructor(service: string, faults: readonly ConfigFault[]) {
    const lines = faults.map((each) => `  ${each.variable}: ${each.expected}; ${each.hint}`);
    super(`${service} cannot start, its configuration has ${faults.length} fault(s):\n${lines.join('\n')}`);
    this.faults = faults;
  }
}

export interface ReadEnvironment {
  readonly texts: Readonly<Record<string, string>>;
  readonly faults: readonly ConfigFault[];
}

const readTextFile = (path: string): string => readFileSync(path, 'utf8');

/** Collects the variables that the schema names; an empty variable counts as absent. Opens only `NAME_FILE` files. */
export function readEnvironment(
  schema: TObject,
  environment: Environment,
  readFile: (path: string) => string = readTextFile,
): ReadEnvironment {
  const texts: Record<string, string> = {};
  const faults: ConfigFault[] = [];
  for (const [variable, property] of Object.entries(schema.properties)) {
    const text = environment[variable] || undefined;
    const path = isSecret(property) ? environment[`${variable}_FILE`] || undefined : undefined;
    if (text !== undefined && path !== undefined) {
      faults.push({
        variable,
        expected: `either ${variable} or ${variable}_FILE, not both`,
        hint: `unset one of them, best ${variable}`,
      });
    } else if (path !== undefined) {
      try {
        texts[variable] = readFile(path).trimEnd();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
        faults.push({
          variable: `${variable}_FILE`,
          expected: `a file that can be read (${code})`,
          hint: 'check the path and that this user may read it',
        });
      }
    } else if (text !== undefined) texts[variable] = text;
  }
  return { texts, faults };
}

/** Types, defaults and faults of what was read. */
export function judgeEnvironment<S extends TObject>(
  schema: S,
  read: ReadEnvironment,
): { config: Static<S>; faults: readonly ConfigFault[] } {
  const config = textReader(schema)(read.texts);
  const faults = [...read.faults];
  const unreadable = new Set(faults.map((each) => each.variable.replace(/_FILE$/, '')));
  const required = new Set(schema.required ?? []);
  for (const [variable, property] of Object.entries(schema.properties)) {
    const given = config[variable];
    const preset = (property as { default?: unknown }).default;
    if (given === undefined && preset !== undefined) config[variable] = preset;
    else if (given === undefined && required.has(variable) && !unreadable.has(variable))
      faults.push({ variable, expected: describe(property), hint: howToSet(variable, property) });
    else if (given !== undefined && !validatorOf(property as TSchema).isValid(given))
      faults.push({ variable, expected: describe(property), hint: 'correct its value' });
  }
  return { config: Object.freeze(config) as Static<S>, faults };
}

const howToSet = (variable: string, property: unknown): string =>
  isSecret(property) ? `set ${variable}_FILE to the path of a file that holds it` : `set ${variable}`;

function describe(property: unknown): string {
  const { description, type, minimum, maximum, anyOf, minLength, pattern } = property as Record<
    string,
    unknown
  >;
  const bounds = [
    minimum === undefined ? '' : ` from ${minimum}`,
    maximum === undefined ? '' : ` to ${maximum}`,
    minLength === undefined ? '' : `, at least ${minLength} characters`,
    pattern === undefined ? '' : `, like ${pattern}`,
  ].join('');
  const choices = Array.isArray(anyOf)
    ? `one of ${anyOf.map((each: { const?: unknown }) => String(each.const)).join(', ')}`
    : undefined;
  const kind = choices ?? `must be ${type === 'string' ? 'text' : (type ?? 'a value')}${bounds}`;
  return description ? `${description} (${kind})` : kind;
}

/** @throws ConfigError with every fault */
export function loadConfig<S extends TObject>(options: {
  service: string;
  schema: S;
  environment: Environment;
  readFile?: (path: string) => string;
}): Static<S> {
  const read = readEnvironment(options.schema, options.environment, options.readFile);
  const { config, faults } = judgeEnvironment(options.schema, read);
  if (faults.length > 0) throw new ConfigError(options.service, faults);
  return config;
}
