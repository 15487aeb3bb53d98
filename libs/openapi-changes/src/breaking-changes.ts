/**
 * Which changes between two OpenAPI documents of one service break those who call it. Callers here are strict: typed clients
 * refuse answers that their contract does not allow, so a new value in a closed list of an answer breaks them, too.
 */
import { type Json, listOf, type OpenApi, objectOf, textsOf } from './open-api.ts';
import { type Narrowing, narrowingsOf } from './schema-changes.ts';

/** One line each: what the caller loses. */
export const rules = {
  'operation-removed': 'an address or method is gone',
  'operation-renamed': 'service tokens name the operation',
  'security-tightened': 'a way to be let in is gone',
  'caller-removed': 'a service that was let in is not',
  'permission-changed': 'accounts need another permission',
  'parameter-required': 'a parameter must be given that could be left out, or was not there',
  'parameter-removed': 'a parameter is no longer accepted',
  'parameter-narrowed': 'values of a parameter are no longer accepted',
  'body-required': 'a body must be given',
  'body-media-type-removed': 'a kind of body is no longer accepted',
  'field-required': 'a field of the body must be given that could be left out',
  'field-removed': 'a field of the body is no longer accepted',
  'body-narrowed': 'values in the body are no longer accepted',
  'idempotency-lost': 'callers repeat what must not be repeated any more',
  'status-removed': 'an answer that callers act upon does not come any more',
  'answer-media-type-removed': 'the answer comes in another form',
  'answer-field-removed': 'a field of the answer is gone, or may be',
  'answer-widened': 'the answer may hold values that callers do not know',
  'answer-header-removed': 'a header of the answer is gone',
} as const;
export type Rule = keyof typeof rules;

export interface BreakingChange {
  readonly rule: Rule;
  /** `GET /api/v1/x`, and where in it. */
  readonly where: string;
  readonly text: string;
}

type Tell = (rule: Rule, place: string, text: string) => BreakingChange;

/** Whatever the versions say: who raises the major one may break callers. */
export function breakingChangesOf(before: OpenApi, after: OpenApi): readonly BreakingChange[] {
  return Object.entries(before.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const tell: Tell = (rule, place, text) => ({ rule, where: place ? `${name} ${place}` : name, text });
      const now = after.paths[path]?.[method];
      return now
        ? operationChanges(operation, now, tell)
        : [tell('operation-removed', '', rules['operation-removed'])];
    }),
  );
}

const operationChanges = (before: Json, after: Json, tell: Tell): readonly BreakingChange[] => [
  ...accessChanges(before, after, tell),
  ...parameterChanges(before, after, tell),
  ...bodyChanges(objectOf(before.requestBody), objectOf(after.requestBody), tell),
  ...answerChanges(objectOf(before.responses), objectOf(after.responses), tell),
];

function accessChanges(before: Json, after: Json, tell: Tell): readonly BreakingChange[] {
  const ways = (operation: Json) => listOf(operation.security).map((each) => JSON.stringify(each));
  const open = ways(after).includes('{}');
  const lost = open ? [] : ways(before).filter((each) => !ways(after).includes(each));
  const callers = textsOf(after['x-callers']);
  const shut = callers.includes('public')
    ? []
    : textsOf(before['x-callers']).filter((each) => !callers.includes(each));
  const permission = after['x-permission'];
  return [
    ...(before.operationId === after.operationId
      ? []
      : [tell('operation-renamed', '', `${before.operationId} became ${after.operationId}`)]),
    ...lost.map((each) => tell('security-tightened', '', `without ${each}`)),
    ...shut.map((each) => tell('caller-removed', '', `without ${each}`)),
    ...(permission === undefined ||
    before['x-permission'] === undefined ||
    permission === before['x-permission']
      ? []
      : [tell('permission-changed', '', `${before['x-permission']} became ${permission}`)]),
    ...(before['x-idempotent'] === true && after['x-idempotent'] === false
      ? [tell('idempotency-lost', '', rules['idempotency-lost'])]
      : []),
  ];
}

function parameterChanges(before: Json, after: Json, tell: Tell): readonly BreakingChange[] {
  const named = (operation: Json) =>
    new Map(
      listOf(operation.parameters)
        .map(objectOf)
        .map((each) => [`${each.in} ${each.name}`, each] as const),
    );
  const [old, now] = [named(before), named(after)];
  const required = [...now].filter(
    ([name, each]) => each.required === true && old.get(name)?.required !== true,
  );
  return [
    ...required.map(([name]) => tell('parameter-required', name, 'must be given')),
    ...[...old].flatMap(([name, each]) => {
      const same = now.get(name);
      if (!same) return [tell('parameter-removed', name, 'is no longer accepted')];
      return narrowingsOf(each.schema, same.schema).map(({ text }) => tell('parameter-narrowed', name, text));
    }),
  ];
}

const bodyRules: Readonly<Partial<Record<Narrowing['kind'], Rule>>> = {
  required: 'field-required',
  removed: 'field-removed',
};

function bodyChanges(before: Json, after: Json, tell: Tell): readonly BreakingChange[] {
  const [old, now] = [objectOf(before.content), objectOf(after.content)];
  return [
    ...(after.required === true && before.required !== true
      ? [tell('body-required', 'body', 'must be given')]
      : []),
    ...Object.keys(old).flatMap((type) => {
      const same = now[type];
      if (!same) return [tell('body-media-type-removed', 'body', type)];
      return narrowingsOf(objectOf(old[type]).schema, objectOf(same).schema).map(({ kind, pointer, text }) =>
        tell(bodyRules[kind] ?? 'body-narrowed', `body${pointer}`, text),
      );
    }),
  ];
}

function answerChanges(before: Json, after: Json, tell: Tell): readonly BreakingChange[] {
  return Object.entries(before).flatMap(([status, answer]) => {
    if (!Object.hasOwn(after, status)) return [tell('status-removed', status, 'is not answered any more')];
    const [old, now] = [objectOf(answer), objectOf(after[status])];
    const headers = Object.keys(objectOf(old.headers)).filter(
      (each) => !Object.hasOwn(objectOf(now.headers), each),
    );
    return [
      ...headers.map((each) => tell('answer-header-removed', status, each)),
      ...contentChanges(objectOf(old.content), objectOf(now.content), (rule, place, text) =>
        tell(rule, `${status}${place}`, text),
      ),
    ];
  });
}

function contentChanges(old: Json, now: Json, tell: Tell): readonly BreakingChange[] {
  return Object.keys(old).flatMap((type) => {
    if (!Object.hasOwn(now, type)) return [tell('answer-media-type-removed', '', type)];
    const [was, is] = [objectOf(old[type]).schema, objectOf(now[type]).schema];
    // The other way round: what the callers' schema accepts less than what is answered now.
    const widened = narrowingsOf(is, was).map(({ kind, pointer, text }) =>
      tell(
        kind === 'required' ? 'answer-field-removed' : 'answer-widened',
        pointer,
        `callers expect: ${text}`,
      ),
    );
    return [...widened, ...fieldsGone(was, is, '', tell)];
  });
}

/** Fields that an answer could hold and cannot any more; those that it always held are told of already. */
function fieldsGone(was: unknown, is: unknown, pointer: string, tell: Tell): readonly BreakingChange[] {
  const [old, now] = [objectOf(was), objectOf(is)];
  const [fields, left] = [objectOf(old.properties), objectOf(now.properties)];
  const always = new Set(textsOf(old.required));
  const inside = Object.keys(fields).flatMap((name) => {
    const place = `${pointer}/${name}`;
    if (Object.hasOwn(left, name)) return fieldsGone(fields[name], left[name], place, tell);
    return always.has(name) ? [] : [tell('answer-field-removed', place, 'is gone')];
  });
  const items = old.items && now.items ? fieldsGone(old.items, now.items, `${pointer}/items`, tell) : [];
  return [...inside, ...items];
}
