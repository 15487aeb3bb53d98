/**
 * The control policy of a session: what a controller may do. One document, canonical JSON (RFC 8785), no member
 * missing and none besides. Everything that it does not allow is denied.
 */

import { type Check, integer, oneOf, record, withRule } from '@lucid/session-format/shape';
import { isExtension, isHostPattern, isKeyName, isMediaType, isPathPattern, isPlainPath } from './names.ts';
import { ascending, flag, list, textThat } from './shape.ts';

export const POLICY_FORMAT = 'lucid-policy/1';
/** Bounds the cost of reading and of every evaluation. */
export const POLICY_MAX_BYTES = 65_536;

export const policyProfiles = ['strict', 'standard', 'custom'] as const;
export type PolicyProfile = (typeof policyProfiles)[number];

export const devices = [
  'audioIn',
  'audioOut',
  'camera',
  'printing',
  'screenshare',
  'screenshots',
  'shellChannels',
] as const;
export type Device = (typeof devices)[number];

export interface InputPolicy {
  readonly mouse: boolean;
  /** Pointer events a second, 1 to 240. */
  readonly mouseRateHz: number;
  readonly keyboard: boolean;
  /** Names of keys (W3C UI Events `key`) or `*`. */
  readonly allowedKeys: readonly string[];
  /** Names of keys in any case; stronger than `allowedKeys`. */
  readonly blockedKeys: readonly string[];
}

export interface ClipboardPolicy {
  readonly hostToRemote: boolean;
  readonly remoteToHost: boolean;
  /** Of one transfer, up to 1 MiB. */
  readonly maxBytes: number;
  /** Media types without parameters. */
  readonly types: readonly string[];
}

export interface FilesPolicy {
  readonly upload: boolean;
  readonly download: boolean;
  /** Of one file, up to 100 MiB. */
  readonly maxBytes: number;
  /** Lower case, no dot. Those of programs and scripts (`programExtensions`) can never be named. */
  readonly extensions: readonly string[];
  /** In the file channel's own name space, not the host's disk. */
  readonly folders: readonly string[];
  /** Up to 100. */
  readonly maxPerSession: number;
  /** Whether a file may take the place of one of the same name. */
  readonly replace: boolean;
}

/** Part of every week, UTC. One that goes past midnight is written as two. */
export interface TimeWindow {
  /** 1 Monday to 7 Sunday (ISO 8601). */
  readonly days: readonly number[];
  /** Minute of the day, 0 to 1439, included. */
  readonly fromMinute: number;
  /** Minute of the day, 1 to 1440, excluded. */
  readonly untilMinute: number;
}

export interface TimePolicy {
  /** Up to 24 hours. */
  readonly longestMs: number;
  /** Without input. */
  readonly idleMs: number;
  /** No window, no session. */
  readonly windows: readonly TimeWindow[];
}

export interface PortRange {
  readonly from: number;
  /** Included. */
  readonly until: number;
}

/** The first rule that fits a target decides. */
export interface ResourceRule {
  readonly effect: 'allow' | 'deny';
  /** A host, `*.NAME` for every name below it, or `*`. */
  readonly host: string;
  /** Where the effect is `allow`, a guarded port (`guardedPorts`) is meant only by a range of that port alone. */
  readonly ports: readonly PortRange[];
  /** A path, `PATH/*` for it and all below it, or `*`. */
  readonly path: string;
}

export interface ControlPolicy {
  readonly format: typeof POLICY_FORMAT;
  /** `strict` and `standard` stand for exactly the policies of those names; any other is `custom`. */
  readonly profile: PolicyProfile;
  readonly input: InputPolicy;
  readonly clipboard: ClipboardPolicy;
  readonly files: FilesPolicy;
  readonly devices: Readonly<Record<Device, boolean>>;
  readonly time: TimePolicy;
  readonly resources: readonly ResourceRule[];
  /** Whether what is typed is recorded, too. What is shown always is. */
  readonly recording: { readonly input: boolean };
}

/** Remote shells, mail, RPC, file shares, databases and desktops: never meant by a range. */
export const guardedPorts: readonly number[] = [22, 23, 135, 139, 445, 1433, 3389];

export const programExtensions: readonly string[] = [
  ...[
    'bat',
    'class',
    'cmd',
    'com',
    'ear',
    'exe',
    'jar',
    'js',
    'pif',
    'pl',
    'ps1',
    'py',
    'scr',
    'sh',
    'vbs',
    'war',
  ],
];

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1440;

const reversed =
  <T>(of: (value: T) => readonly [from: number, until: number], rule: string) =>
  (value: T, path: string): string | null => {
    const [from, until] = of(value);
    return from < until ? null : `${path}: ${rule}`;
  };

const keyName = textThat('the name of a key', isKeyName);
const keyOrAny = textThat('the name of a key or "*"', (text) => text === '*' || isKeyName(text));
const extension: Check = (value, path) =>
  textThat('an extension in lower case without its dot', isExtension)(value, path) ??
  (programExtensions.includes(value as string) ? `${path} is that of a program and cannot be allowed` : null);

const port = integer(1, 65_535);
const portRange = withRule(
  record({ from: port, until: port }),
  reversed(({ from, until }: PortRange) => [from, until + 1], 'until must not be below from'),
);

const timeWindow = withRule(
  record({
    days: ascending<number>(integer(1, 7), 7),
    fromMinute: integer(0, DAY_MINUTES - 1),
    untilMinute: integer(1, DAY_MINUTES),
  }),
  reversed(
    ({ fromMinute, untilMinute }: TimeWindow) => [fromMinute, untilMinute],
    'untilMinute must be above fromMinute',
  ),
);

const resourceRule = record({
  effect: oneOf('allow', 'deny'),
  host: textThat('a host, "*.NAME" or "*"', isHostPattern),
  ports: list(portRange, 32),
  path: textThat('a path, "PATH/*" or "*"', isPathPattern),
});

const text = (what: string, fits: (value: string) => boolean, max: number): Check =>
  ascending<string>(textThat(what, fits), max);

/** The shape of a policy; that a named profile is that profile is judged beside it. */
export const policyShape: Check = record({
  format: oneOf(POLICY_FORMAT),
  profile: oneOf(...policyProfiles),
  input: record({
    mouse: flag,
    mouseRateHz: integer(1, 240),
    keyboard: flag,
    allowedKeys: ascending<string>(keyOrAny, 256),
    blockedKeys: ascending<string>(keyName, 256),
  }),
  clipboard: record({
    hostToRemote: flag,
    remoteToHost: flag,
    maxBytes: integer(0, 1_048_576),
    types: text('a media type in lower case', isMediaType, 64),
  }),
  files: record({
    upload: flag,
    download: flag,
    maxBytes: integer(0, 104_857_600),
    extensions: ascending<string>(extension, 256),
    folders: text('an absolute path', isPlainPath, 64),
    maxPerSession: integer(0, 100),
    replace: flag,
  }),
  devices: record(Object.fromEntries(devices.map((device) => [device, flag]))),
  time: record({
    longestMs: integer(1, DAY_MS),
    idleMs: integer(1, DAY_MS),
    windows: list(timeWindow, 64),
  }),
  resources: list(resourceRule, 256),
  recording: record({ input: flag }),
});
