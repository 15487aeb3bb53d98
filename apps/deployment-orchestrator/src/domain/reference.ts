// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of plans look so

/** `${…}` in plans: what it names, and what it stands for. See `deployment-orchestrator-schemas.ts` of the contracts. */

export type Reference =
  | { readonly kind: 'account' }
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'step'; readonly step: string; readonly field: StepField };

export const stepFields = ['address', 'transactionHash', 'blockHeight', 'gasUsed', 'value'] as const;
export type StepField = (typeof stepFields)[number];

const WHOLE = /^\$\{([A-Za-z][A-Za-z0-9]*)(?:\.([A-Za-z][A-Za-z0-9_]*))?\}$/;

/** Says what is wrong with a reference. */
export class BadReference extends Error {}

/** Null where the value is none. @throws BadReference */
export function referenceOf(value: unknown): Reference | null {
  if (typeof value !== 'string' || !value.includes('${')) return null;
  const [, first, second] = WHOLE.exec(value) ?? [];
  if (first === undefined) throw new BadReference('a reference is the whole of a text: ${step.address}');
  if (second === undefined) {
    if (first === 'account') return { kind: 'account' };
    throw new BadReference(
      `\${${first}} names nothing; there are \${account}, \${inputs.NAME} and \${STEP.address}`,
    );
  }
  if (first === 'inputs') return { kind: 'input', name: second };
  const field = stepFields.find((each) => each === second);
  if (field) return { kind: 'step', step: first, field };
  throw new BadReference(`a step has ${stepFields.join(', ')}, but no ${second}`);
}

/** A value of JSON with every reference in it replaced; `place` is where it stands, as `args[2].name`. @throws what `replace` throws, BadReference */
export function withReferences(
  value: unknown,
  replace: (reference: Reference, text: string, place: string) => unknown,
  place = '',
): unknown {
  const reference = referenceOf(value);
  if (reference) return replace(reference, value as string, place);
  if (Array.isArray(value)) return value.map((each, at) => withReferences(each, replace, `${place}[${at}]`));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withReferences(each, replace, `${place}.${name}`)]),
  );
}

/** Whether any text in it looks like a reference. */
export const mentionsReference = (value: unknown): boolean => JSON.stringify(value)?.includes('${') ?? false;
