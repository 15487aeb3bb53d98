/**
 * The rules, as tables of small functions. For each kind of action: one grant, without which nothing is allowed, and limits, each of
 * which can only deny. So whatever is forgotten here is denied, and no limit can widen anything.
 */
import type { Action, ActionKind, EvaluationContext } from './action.ts';
import { isJudgedApproval, type Toggle } from './approval.ts';
import { extensionOf, hostMatches, isInFolder, pathMatches } from './names.ts';
import { type ControlPolicy, guardedPorts, type ResourceRule, type TimeWindow } from './policy.ts';
import type { AllowReason, DenyReason } from './reason.ts';

export type OutcomeOfStep = 'allows' | 'denies' | 'holds' | 'does_not_fit';

/** One rule that was looked at. */
export interface Step {
  /** Path of the rule in the policy, or `approvals[N]`. */
  readonly rule: string;
  readonly outcome: OutcomeOfStep;
  /** In words; of the policy only, nothing of what the action carries. */
  readonly why: string;
}

/** Written where somebody wants to know (`explain`), else null: then no sentence is made. */
export type Trail = Step[] | null;

export interface Question<A extends Action = Action> {
  readonly policy: ControlPolicy;
  readonly action: A;
  readonly context: EvaluationContext;
}

export type Ruling =
  | { readonly granted: true; readonly reason: AllowReason; readonly rule: string; readonly matched: true }
  | {
      readonly granted: false;
      readonly reason: DenyReason;
      readonly rule: string;
      readonly matched: boolean;
    };

/** A condition that must hold. */
export interface Limit<A extends Action> {
  readonly rule: string;
  readonly denies: (asked: Question<A>) => DenyReason | null;
  readonly says: (policy: ControlPolicy) => string;
}

export interface KindRules<A extends Action> {
  readonly grant: (asked: Question<A>, trail: Trail) => Ruling;
  readonly limits: readonly Limit<A>[];
}

const US_PER_MS = 1000;
const MINUTE_US = 60_000_000;
const DAY_US = 86_400_000_000;
/** 1970-01-01 was a Thursday, ISO day 4. */
const isoDayOf = (nowUs: number): number => ((Math.floor(nowUs / DAY_US) + 3) % 7) + 1;
const minuteOf = (nowUs: number): number => Math.floor((nowUs % DAY_US) / MINUTE_US);

const isInside = ({ days, fromMinute, untilMinute }: TimeWindow, nowUs: number): boolean =>
  days.includes(isoDayOf(nowUs)) && minuteOf(nowUs) >= fromMinute && minuteOf(nowUs) < untilMinute;

const when = <R extends DenyReason>(broken: boolean, reason: R): R | null => (broken ? reason : null);

/** For every action. */
export const timeLimits: readonly Limit<Action>[] = [
  {
    rule: 'time',
    denies: ({ context: { nowUs, startedAtUs, lastInputAtUs } }) =>
      when(nowUs < lastInputAtUs || lastInputAtUs < startedAtUs, 'times_reversed'),
    says: () => 'start, last input and now come in this order',
  },
  {
    rule: 'time.longestMs',
    denies: ({ policy, context }) =>
      when(context.nowUs - context.startedAtUs > policy.time.longestMs * US_PER_MS, 'session_too_long'),
    says: ({ time }) => `a session lasts at most ${time.longestMs} ms`,
  },
  {
    rule: 'time.idleMs',
    denies: ({ policy, context }) =>
      when(context.nowUs - context.lastInputAtUs > policy.time.idleMs * US_PER_MS, 'session_idle'),
    says: ({ time }) => `a session without input lasts at most ${time.idleMs} ms`,
  },
  {
    rule: 'time.windows',
    denies: ({ policy, context }) =>
      when(!policy.time.windows.some((each) => isInside(each, context.nowUs)), 'outside_window'),
    says: ({ time }) => `now lies in one of ${time.windows.length} windows of the week, UTC`,
  },
];

/** The first approval that opens `toggle` now; -1 where none does. */
function approvalFor(toggle: Toggle, { nowUs, approvals, sessionId, policyHash }: EvaluationContext): number {
  return approvals.findIndex(
    (each) =>
      isJudgedApproval(each) &&
      each.opens === toggle &&
      each.sessionId === sessionId &&
      each.policyHash === policyHash &&
      each.fromUs <= nowUs &&
      nowUs < each.untilUs,
  );
}

function byToggle(toggle: Toggle, isOn: boolean, context: EvaluationContext, trail: Trail): Ruling {
  trail?.push({
    rule: toggle,
    outcome: isOn ? 'allows' : 'denies',
    why: `the policy says ${isOn ? 'yes' : 'no'}`,
  });
  if (isOn) return { granted: true, reason: 'allowed', rule: toggle, matched: true };
  const at = approvalFor(toggle, context);
  if (at < 0) {
    trail?.push({ rule: 'approvals', outcome: 'does_not_fit', why: `no approval opens ${toggle} now` });
    return { granted: false, reason: 'toggle_off', rule: toggle, matched: true };
  }
  const rule = `approvals[${at}]`;
  trail?.push({
    rule,
    outcome: 'allows',
    why: `the host opened ${toggle} until ${context.approvals[at]!.untilUs}`,
  });
  return { granted: true, reason: 'allowed_by_approval', rule, matched: true };
}

/** A guarded port is allowed only by a range of it alone; denied by any range that holds it. */
function portFits({ ports, effect }: ResourceRule, port: number): boolean {
  const alone = effect === 'allow' && guardedPorts.includes(port);
  return ports.some(({ from, until }) =>
    alone ? from === port && until === port : from <= port && port <= until,
  );
}

function byTarget({ policy, action }: Question<Extract<Action, { kind: 'resource' }>>, trail: Trail): Ruling {
  for (const [at, each] of policy.resources.entries()) {
    const rule = `resources[${at}]`;
    const misfit = !hostMatches(each.host, action.host)
      ? 'host'
      : !portFits(each, action.port)
        ? 'port'
        : !pathMatches(each.path, action.path)
          ? 'path'
          : null;
    if (misfit !== null) {
      trail?.push({ rule, outcome: 'does_not_fit', why: `it is for another ${misfit}` });
      continue;
    }
    trail?.push({
      rule,
      outcome: each.effect === 'allow' ? 'allows' : 'denies',
      why: 'it fits, and the first that fits decides',
    });
    return each.effect === 'allow'
      ? { granted: true, reason: 'allowed', rule, matched: true }
      : { granted: false, reason: 'resource_denied', rule, matched: true };
  }
  trail?.push({ rule: 'default', outcome: 'denies', why: 'no rule speaks for this target' });
  return { granted: false, reason: 'no_rule', rule: 'default', matched: false };
}

function byRecording({ policy }: Question, trail: Trail): Ruling {
  const rule = 'recording.input';
  const isOn = policy.recording.input;
  trail?.push({ rule, outcome: isOn ? 'allows' : 'denies', why: `the policy says ${isOn ? 'yes' : 'no'}` });
  return isOn
    ? { granted: true, reason: 'allowed', rule, matched: true }
    : { granted: false, reason: 'toggle_off', rule, matched: true };
}

const folded = (key: string): string => key.toLowerCase();

export const rulesByKind: { readonly [K in ActionKind]: KindRules<Extract<Action, { kind: K }>> } = {
  session: {
    grant: (_, trail) => {
      trail?.push({ rule: 'time', outcome: 'allows', why: 'all times hold' });
      return { granted: true, reason: 'allowed', rule: 'time', matched: true };
    },
    limits: [],
  },
  mouse: {
    grant: ({ policy, context }, trail) => byToggle('input.mouse', policy.input.mouse, context, trail),
    limits: [
      {
        rule: 'input.mouseRateHz',
        denies: ({ policy, context }) =>
          when(context.mouseEventsLastSecond >= policy.input.mouseRateHz, 'rate_exceeded'),
        says: ({ input }) => `at most ${input.mouseRateHz} pointer events a second`,
      },
    ],
  },
  key: {
    grant: ({ policy, context }, trail) => byToggle('input.keyboard', policy.input.keyboard, context, trail),
    limits: [
      {
        rule: 'input.blockedKeys',
        denies: ({ policy, action }) =>
          when(
            policy.input.blockedKeys.some((each) => folded(each) === folded(action.key)),
            'key_blocked',
          ),
        says: ({ input }) => `none of ${input.blockedKeys.length} blocked keys`,
      },
      {
        rule: 'input.allowedKeys',
        denies: ({ policy: { input }, action }) =>
          when(
            !input.allowedKeys.includes('*') && !input.allowedKeys.includes(action.key),
            'key_not_allowed',
          ),
        says: ({ input }) =>
          input.allowedKeys.includes('*') ? 'any key' : `one of ${input.allowedKeys.length} keys`,
      },
    ],
  },
  clipboard: {
    grant: ({ policy, action, context }, trail) =>
      byToggle(`clipboard.${action.direction}`, policy.clipboard[action.direction], context, trail),
    limits: [
      {
        rule: 'clipboard.maxBytes',
        denies: ({ policy, action }) => when(action.sizeBytes > policy.clipboard.maxBytes, 'too_large'),
        says: ({ clipboard }) => `at most ${clipboard.maxBytes} bytes`,
      },
      {
        rule: 'clipboard.types',
        denies: ({ policy, action }) =>
          when(!policy.clipboard.types.includes(action.type), 'type_not_allowed'),
        says: ({ clipboard }) => `one of the types ${clipboard.types.join(', ')}`,
      },
    ],
  },
  file: {
    grant: ({ policy, action, context }, trail) =>
      byToggle(`files.${action.direction}`, policy.files[action.direction], context, trail),
    limits: [
      {
        rule: 'files.maxBytes',
        denies: ({ policy, action }) => when(action.sizeBytes > policy.files.maxBytes, 'too_large'),
        says: ({ files }) => `at most ${files.maxBytes} bytes`,
      },
      {
        rule: 'files.folders',
        denies: ({ policy, action }) =>
          when(!policy.files.folders.some((each) => isInFolder(action.path, each)), 'folder_not_allowed'),
        says: ({ files }) => `in one of ${files.folders.length} folders`,
      },
      {
        rule: 'files.extensions',
        denies: ({ policy, action }) => {
          const extension = extensionOf(action.path);
          return when(
            extension === null || !policy.files.extensions.includes(extension),
            'extension_not_allowed',
          );
        },
        says: ({ files }) => `one of the extensions ${files.extensions.join(', ')}`,
      },
      {
        rule: 'files.maxPerSession',
        denies: ({ policy, context }) =>
          when(context.filesMoved >= policy.files.maxPerSession, 'too_many_files'),
        says: ({ files }) => `at most ${files.maxPerSession} files a session`,
      },
      {
        rule: 'files.replace',
        denies: ({ policy, action }) =>
          when(action.replaces && !policy.files.replace, 'replacing_not_allowed'),
        says: ({ files }) => `a file of the same name ${files.replace ? 'may' : 'must not'} be replaced`,
      },
    ],
  },
  device: {
    grant: ({ policy, action, context }, trail) =>
      byToggle(`devices.${action.device}`, policy.devices[action.device], context, trail),
    limits: [],
  },
  resource: { grant: byTarget, limits: [] },
  recordInput: { grant: byRecording, limits: [] },
};
