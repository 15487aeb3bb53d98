/** Every kind of action under every profile. */
import { actionKinds, devices, evaluate, explain, namedPolicies } from '../src/index.ts';
import { checkedPolicy, contextOf, everyAction, openPolicy } from './samples.ts';

const profiles = {
  strict: checkedPolicy(namedPolicies.strict),
  standard: checkedPolicy(namedPolicies.standard),
  custom: checkedPolicy(openPolicy),
};
type Row = readonly [strict: string, standard: string, custom: string];
const off = (rule: string): Row => [`toggle_off ${rule}`, `toggle_off ${rule}`, `allowed ${rule}`];
const on = (rule: string): Row => [`allowed ${rule}`, `allowed ${rule}`, `allowed ${rule}`];

const table: Readonly<Record<string, Row>> = {
  session: on('time'),
  mouse: on('input.mouse'),
  key: on('input.keyboard'),
  'clipboard.hostToRemote': off('clipboard.hostToRemote'),
  'clipboard.remoteToHost': off('clipboard.remoteToHost'),
  'files.upload': off('files.upload'),
  'files.download': off('files.download'),
  'devices.audioIn': off('devices.audioIn'),
  'devices.audioOut': ['toggle_off devices.audioOut', 'allowed devices.audioOut', 'allowed devices.audioOut'],
  'devices.camera': off('devices.camera'),
  'devices.printing': off('devices.printing'),
  'devices.screenshare': off('devices.screenshare'),
  'devices.screenshots': off('devices.screenshots'),
  'devices.shellChannels': off('devices.shellChannels'),
  resource: ['no_rule default', 'no_rule default', 'allowed resources[1]'],
  recordInput: off('recording.input'),
};

test('the table has every kind and every device', () => {
  expect(Object.keys(table)).toEqual(Object.keys(everyAction));
  expect(new Set(Object.values(everyAction).map(({ kind }) => kind))).toEqual(new Set(actionKinds));
  for (const device of devices) expect(table).toHaveProperty([`devices.${device}`]);
});

describe.each(['strict', 'standard', 'custom'] as const)('%s', (profile) => {
  const policy = profiles[profile];

  test.each(Object.keys(table))('%s', (name) => {
    const action = everyAction[name]!;
    const said = table[name]![['strict', 'standard', 'custom'].indexOf(profile)]!;
    const verdict = evaluate(policy, action, contextOf(policy));
    expect(`${verdict.reason} ${verdict.rule}`).toBe(said);
    expect(verdict.decision).toBe(said.startsWith('allowed') ? 'allow' : 'deny');
    expect(verdict.matched).toBe(verdict.rule !== 'default');
    const { steps, ...explained } = explain(policy, action, contextOf(policy));
    expect(explained).toEqual(verdict);
    expect(steps.map(({ rule }) => rule)).toContain(verdict.rule);
  });
});
