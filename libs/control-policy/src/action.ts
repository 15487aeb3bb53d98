/**
 * What `evaluate` is asked: an action and its context. Both come from code that handles a stranger's bytes, so they are read once, member
 * by member, into a copy; only the copy is judged.
 */
import { isHex } from '@lucid/bytes';
import type { SignedApproval } from './approval.ts';
import { isKeyName, isMediaType, isPlainHost, isPlainPath, isTargetPath } from './names.ts';
import { type Device, devices } from './policy.ts';

export type Action =
  /** The session begins or goes on: only its times are judged. */
  | { readonly kind: 'session' }
  /** One pointer event. */
  | { readonly kind: 'mouse' }
  /** One key, as W3C UI Events name it. */
  | { readonly kind: 'key'; readonly key: string }
  | {
      readonly kind: 'clipboard';
      readonly direction: 'hostToRemote' | 'remoteToHost';
      readonly sizeBytes: number;
      /** Media type, lower case, without parameters. */
      readonly type: string;
    }
  | {
      readonly kind: 'file';
      readonly direction: 'upload' | 'download';
      /** Of the file, in the file channel's name space. */
      readonly path: string;
      readonly sizeBytes: number;
      /** Whether one of this name is there. */
      readonly replaces: boolean;
    }
  | { readonly kind: 'device'; readonly device: Device }
  /** Something on the network that the session wants to reach. */
  | { readonly kind: 'resource'; readonly host: string; readonly port: number; readonly path: string }
  /** What is typed is to be recorded. */
  | { readonly kind: 'recordInput' };
export type ActionKind = Action['kind'];

/** Times are microseconds since the Unix epoch. */
export interface EvaluationContext {
  /** Hex, 64 digits. */
  readonly sessionId: string;
  /** What the session's header says. */
  readonly policyHash: string;
  readonly nowUs: number;
  readonly startedAtUs: number;
  /** When input came last; `startedAtUs` before the first. */
  readonly lastInputAtUs: number;
  /** Pointer events of the last second, without this one. */
  readonly mouseEventsLastSecond: number;
  /** Files of this session, without this one. */
  readonly filesMoved: number;
  /** From `judgeApproval`; at most 64. Others are passed over. */
  readonly approvals: readonly SignedApproval[];
}

const APPROVALS_MAX = 64;

type Fits = (value: unknown) => boolean;
type Members<T> = { readonly [K in keyof T]: Fits };

const count: Fits = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const hash: Fits = (value) => isHex(value, 32);
const one =
  (...allowed: readonly unknown[]): Fits =>
  (value) =>
    allowed.includes(value);
const textThat =
  (fits: (text: string) => boolean): Fits =>
  (value) =>
    typeof value === 'string' && fits(value);

const actionMembers: { readonly [K in ActionKind]: Members<Extract<Action, { kind: K }>> } = {
  session: { kind: one('session') },
  mouse: { kind: one('mouse') },
  key: { kind: one('key'), key: textThat(isKeyName) },
  clipboard: {
    kind: one('clipboard'),
    direction: one('hostToRemote', 'remoteToHost'),
    sizeBytes: count,
    type: textThat(isMediaType),
  },
  file: {
    kind: one('file'),
    direction: one('upload', 'download'),
    path: textThat((path) => path !== '/' && isPlainPath(path)),
    sizeBytes: count,
    replaces: one(true, false),
  },
  device: { kind: one('device'), device: one(...devices) },
  resource: {
    kind: one('resource'),
    host: textThat(isPlainHost),
    port: (value) => count(value) && (value as number) > 0 && (value as number) <= 65_535,
    path: textThat(isTargetPath),
  },
  recordInput: { kind: one('recordInput') },
};
export const actionKinds = Object.keys(actionMembers) as readonly ActionKind[];

const contextMembers: Members<EvaluationContext> = {
  sessionId: hash,
  policyHash: hash,
  nowUs: count,
  startedAtUs: count,
  lastInputAtUs: count,
  mouseEventsLastSecond: count,
  filesMoved: count,
  approvals: Array.isArray,
};

/** A copy with exactly these members, each read once; null where one is missing, unsound or besides. May throw what a getter throws. */
function readMembers<T>(value: unknown, members: Members<T>): T | null {
  if (typeof value !== 'object' || value === null) return null;
  const names = Object.keys(members) as (keyof T & string)[];
  if (Reflect.ownKeys(value).length !== names.length) return null;
  const copy: Partial<T> = {};
  for (const name of names) {
    if (!Object.hasOwn(value, name)) return null;
    const member = (value as T)[name];
    if (!members[name](member)) return null;
    copy[name] = member;
  }
  return copy as T;
}

export type ReadAction =
  | { readonly ok: true; readonly action: Action }
  | { readonly ok: false; readonly reason: 'action_unknown' | 'action_malformed' };

export function readAction(value: unknown): ReadAction {
  const kind: unknown = typeof value === 'object' && value !== null ? (value as Action).kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(actionMembers, kind))
    return { ok: false, reason: 'action_unknown' };
  const action = readMembers<Action>(value, actionMembers[kind as ActionKind] as Members<Action>);
  return action === null ? { ok: false, reason: 'action_malformed' } : { ok: true, action };
}

export function readContext(value: unknown): EvaluationContext | null {
  const context = readMembers(value, contextMembers);
  return context === null || context.approvals.length > APPROVALS_MAX
    ? null
    : { ...context, approvals: [...context.approvals] };
}
