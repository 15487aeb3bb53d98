/** What the tests of this package share. */
import { hexToBytes } from '@lucid/bytes';
import type { Action, CheckedPolicy, ControlPolicy, EvaluationContext } from '../src/index.ts';
import { checkPolicy, customPolicy } from '../src/index.ts';

export const sessionId = 'ab'.repeat(32);
/** Wednesday 2026-11-18 12:00 UTC. */
export const noonUs = 1_795_003_200_000_000;
export const seedOf = (byte: string): Uint8Array => hexToBytes(byte.repeat(32));

export function checkedPolicy(value: unknown): CheckedPolicy {
  const judged = checkPolicy(value);
  if (!judged.ok) throw new Error(judged.detail);
  return judged.value;
}

/** A custom policy with everything on and narrow bounds. */
export const openPolicy: ControlPolicy = customPolicy({
  input: { mouseRateHz: 10, blockedKeys: ['F12', 'PrintScreen'] },
  clipboard: { hostToRemote: true, remoteToHost: true, maxBytes: 1000, types: ['text/plain'] },
  files: {
    upload: true,
    download: true,
    maxBytes: 5000,
    extensions: ['pdf', 'txt'],
    folders: ['/exchange', '/in/box'],
    maxPerSession: 3,
    replace: false,
  },
  devices: {
    audioIn: true,
    audioOut: true,
    camera: true,
    printing: true,
    screenshare: true,
    screenshots: true,
    shellChannels: true,
  },
  time: { windows: [{ days: [1, 2, 3, 4, 5], fromMinute: 480, untilMinute: 1080 }] },
  resources: [
    { effect: 'deny', host: 'secret.example.org', ports: [{ from: 1, until: 65_535 }], path: '*' },
    { effect: 'allow', host: '*.example.org', ports: [{ from: 443, until: 443 }], path: '/docs/*' },
    { effect: 'allow', host: 'db.example.net', ports: [{ from: 1, until: 65_535 }], path: '*' },
    { effect: 'allow', host: 'jump.example.net', ports: [{ from: 22, until: 22 }], path: '*' },
  ],
  recording: { input: true },
});

export const contextOf = (
  policy: CheckedPolicy,
  changes: Partial<EvaluationContext> = {},
): EvaluationContext => ({
  sessionId,
  policyHash: policy.hash,
  nowUs: noonUs,
  startedAtUs: noonUs - 60_000_000,
  lastInputAtUs: noonUs - 1_000_000,
  mouseEventsLastSecond: 0,
  filesMoved: 0,
  approvals: [],
  ...changes,
});

const file = { kind: 'file', path: '/exchange/a.txt', sizeBytes: 10, replaces: false } as const;
const clipboard = { kind: 'clipboard', sizeBytes: 10, type: 'text/plain' } as const;

/** One of every kind and variant, within all bounds of `openPolicy`. */
export const everyAction: Readonly<Record<string, Action>> = {
  session: { kind: 'session' },
  mouse: { kind: 'mouse' },
  key: { kind: 'key', key: 'a' },
  'clipboard.hostToRemote': { ...clipboard, direction: 'hostToRemote' },
  'clipboard.remoteToHost': { ...clipboard, direction: 'remoteToHost' },
  'files.upload': { ...file, direction: 'upload' },
  'files.download': { ...file, direction: 'download' },
  'devices.audioIn': { kind: 'device', device: 'audioIn' },
  'devices.audioOut': { kind: 'device', device: 'audioOut' },
  'devices.camera': { kind: 'device', device: 'camera' },
  'devices.printing': { kind: 'device', device: 'printing' },
  'devices.screenshare': { kind: 'device', device: 'screenshare' },
  'devices.screenshots': { kind: 'device', device: 'screenshots' },
  'devices.shellChannels': { kind: 'device', device: 'shellChannels' },
  resource: { kind: 'resource', host: 'www.example.org', port: 443, path: '/docs/a' },
  recordInput: { kind: 'recordInput' },
};
