/** The policies that have names, and how another is made from one. */
import { type ControlPolicy, POLICY_FORMAT, type PolicyProfile } from './policy.ts';

const HOUR_MS = 3_600_000;
const wholeWeek = [{ days: [1, 2, 3, 4, 5, 6, 7], fromMinute: 0, untilMinute: 1440 }];

/**
 * Mouse and keyboard with PrintScreen blocked, and sound; nothing crosses the border by itself. The bounds of clipboard and
 * files hold for what an approval opens for a while. Eight hours at most, five minutes without input.
 */
const standard: ControlPolicy = {
  format: POLICY_FORMAT,
  profile: 'standard',
  input: { mouse: true, mouseRateHz: 60, keyboard: true, allowedKeys: ['*'], blockedKeys: ['PrintScreen'] },
  clipboard: {
    hostToRemote: false,
    remoteToHost: false,
    maxBytes: 65_536,
    types: ['text/html', 'text/plain'],
  },
  files: {
    upload: false,
    download: false,
    maxBytes: 25 * 1_048_576,
    extensions: ['csv', 'docx', 'jpg', 'md', 'ods', 'odt', 'pdf', 'png', 'txt', 'xlsx', 'zip'],
    folders: ['/exchange'],
    maxPerSession: 100,
    replace: false,
  },
  devices: {
    audioIn: false,
    audioOut: true,
    camera: false,
    printing: false,
    screenshare: false,
    screenshots: false,
    shellChannels: false,
  },
  time: { longestMs: 8 * HOUR_MS, idleMs: 300_000, windows: wholeWeek },
  resources: [],
  recording: { input: false },
};

/** As `standard`, but silent, one hour at most, and an approval opens text and ten small files at most. */
const strict: ControlPolicy = {
  ...standard,
  profile: 'strict',
  clipboard: { ...standard.clipboard, types: ['text/plain'] },
  files: {
    ...standard.files,
    extensions: ['csv', 'md', 'pdf', 'txt'],
    maxBytes: 1_048_576,
    maxPerSession: 10,
  },
  devices: { ...standard.devices, audioOut: false },
  time: { ...standard.time, longestMs: HOUR_MS },
};

export const namedPolicies: Readonly<Record<Exclude<PolicyProfile, 'custom'>, ControlPolicy>> = {
  strict,
  standard,
};

/** Sections by name: what a section does not name stays as the base has it. */
export type PolicyChanges = {
  readonly [K in Exclude<keyof ControlPolicy, 'format' | 'profile' | 'resources'>]?: Partial<
    ControlPolicy[K]
  >;
} & { readonly resources?: ControlPolicy['resources'] };

/** A custom policy: `base` (default `standard`) with `changes`. Not judged yet: hand it to `checkPolicy`. */
export function customPolicy(changes: PolicyChanges, base: ControlPolicy = standard): ControlPolicy {
  return {
    format: POLICY_FORMAT,
    profile: 'custom',
    input: { ...base.input, ...changes.input },
    clipboard: { ...base.clipboard, ...changes.clipboard },
    files: { ...base.files, ...changes.files },
    devices: { ...base.devices, ...changes.devices },
    time: { ...base.time, ...changes.time },
    resources: changes.resources ?? base.resources,
    recording: { ...base.recording, ...changes.recording },
  };
}
