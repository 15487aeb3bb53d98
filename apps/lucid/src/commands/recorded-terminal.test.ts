import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Brake, isCommand } from './recorded-terminal.ts';

test('a brake goes on only when nobody wants it to wait', () => {
  const calls: string[] = [];
  const flow = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  const brake = new Brake();
  brake.set('recorder', true);
  brake.attach(flow);
  expect(calls).toEqual(['pause']);
  brake.set('echo', true);
  brake.set('echo', false);
  brake.set('echo', false);
  expect(calls).toEqual(['pause']);
  brake.set('recorder', false);
  expect(calls).toEqual(['pause', 'resume']);
  brake.set('recorder', false);
  brake.set('echo', true);
  brake.set('echo', true);
  expect(calls).toEqual(['pause', 'resume', 'pause']);
});

test('commands are found by path or along PATH; folders and plain files are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lucid-path-'));
  writeFileSync(join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(folder, 'text'), 'x', { mode: 0o644 });
  mkdirSync(join(folder, 'folder'));
  const path = `/nowhere:${folder}`;
  const judged = ['tool', 'text', 'folder', 'none', join(folder, 'tool'), join(folder, 'folder')];
  expect(judged.map((each) => isCommand(each, path))).toEqual([true, false, false, false, true, false]);
  expect(isCommand('tool')).toBe(false);
  rmSync(folder, { recursive: true });
});
