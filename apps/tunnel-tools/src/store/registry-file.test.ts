import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { DurableFolder } from './durable-folder.ts';
import type { Registry } from './registry.ts';
import { RegistryFile } from './registry-file.ts';

const roots: string[] = [];
const newRoot = () => {
  const root = mkdtempSync(join(tmpdir(), 'lucid-registry-'));
  roots.push(root);
  return root;
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

async function open(root = newRoot(), beforeStep?: (step: string) => void) {
  const folder = new DurableFolder(root, ['versions'], beforeStep);
  await folder.prepare();
  return { root, file: new RegistryFile(folder), folder, path: join(root, 'onion-registry.json') };
}
const add =
  (name: string, listensOn = 1) =>
  (draft: Registry) => {
    draft.tunnels[name] = {
      address: `${'a'.repeat(56)}.onion`,
      port: 1,
      listensOn,
      hasClientKey: false,
      createdAt: 0,
    };
  };
const problemOf = async (work: Promise<unknown>) =>
  work.then(
    () => ({ code: 'none', detail: '' }),
    (error: { code: string; detail: string }) => error,
  );
const names = ({ tunnels }: Registry) => Object.keys(tunnels).sort();

it('begins empty, counts its versions and keeps the last of them', async () => {
  const { root, file, path } = await open();
  expect(await file.load()).toMatchObject({ version: 0, onions: {}, tunnels: {}, retired: [] });
  for (let at = 1; at <= 20; at++) expect((await file.change(add(`t${at}`))).version).toBe(at);
  expect(readdirSync(join(root, 'versions'))).toHaveLength(8);
  expect(readFileSync(path, 'utf8')).toBe(
    readFileSync(join(root, 'versions/onion-registry.20.json'), 'utf8'),
  );
  expect(names(await (await open(root)).file.load())).toHaveLength(20);
});

it('a change that fails changes nothing', async () => {
  const { file } = await open();
  await file.change(add('one'));
  await expect(
    file.change((draft) => {
      add('two')(draft);
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(names(await file.load())).toEqual(['one']);
});

it('changes of several processes at once all come to be', async () => {
  const { root } = await open();
  const files = await Promise.all(Array.from({ length: 4 }, () => open(root)));
  const all = files.flatMap(({ file }, which) =>
    Array.from({ length: 6 }, (_, at) => file.change(add(`t-${which}-${at}`))),
  );
  const versions = (await Promise.all(all)).map(({ version }) => version);
  expect(new Set(versions).size).toBe(24);
  const last = await (await open(root)).file.load();
  expect([last.version, names(last).length]).toEqual([24, 24]);
});

describe('ended at any step', () => {
  class Ended extends Error {}
  /** Steps of one change after others, so that versions are removed, too. */
  async function changeEndedAt(step: number): Promise<{ root: string; ended: boolean }> {
    const { root, file } = await open();
    for (let at = 1; at <= 9; at++) await file.change(add(`t${at}`));
    let steps = 0;
    const { file: dying } = await open(root, () => {
      if (steps++ >= step) throw new Ended();
    });
    const ended = await dying.change(add('new')).then(
      () => false,
      (error) => {
        if (!(error instanceof Ended)) throw error;
        return true;
      },
    );
    return { root, ended };
  }

  it('the change is there or is not, whole, and the next one works', async () => {
    const outcomes = new Set<boolean>();
    for (let step = 0; ; step++) {
      const { root, ended } = await changeEndedAt(step);
      const { file } = await open(root);
      const found = await file.load();
      const isThere = 'new' in found.tunnels;
      outcomes.add(isThere);
      expect([step, found.version]).toEqual([step, isThere ? 10 : 9]);
      expect(names(await file.load())).toEqual(names(found));
      expect((await file.change(add('next'))).version).toBe(found.version + 1);
      expect(names(await file.load())).toEqual([...names(found), 'next'].sort());
      if (!ended) {
        expect(isThere).toBe(true);
        break;
      }
    }
    expect(outcomes).toEqual(new Set([true, false]));
  });
});

describe('damaged', () => {
  const withThree = async () => {
    const opened = await open();
    for (const name of ['one', 'two', 'three']) await opened.file.change(add(name));
    return opened;
  };

  it('it is told with its file, what is wrong and what to do, and is not written over', async () => {
    const { root, file, path } = await withThree();
    for (const [text, why] of [
      ['', 'it is not whole JSON'],
      ['{"format":"lucid-onion-registry/2"}', 'its format is not lucid-onion-registry/1'],
      [
        readFileSync(path, 'utf8').replace('"port": 1,', '"port": "1",'),
        'something in it is not as it must be',
      ],
      [readFileSync(path, 'utf8').replace('"port": 1,', '"port": 2,'), 'its content is not that of its sum'],
    ] as const) {
      writeFileSync(path, text);
      for (const work of [file.load(), file.change(add('four'))]) {
        const { code, detail } = await problemOf(work);
        expect(code).toBe('registry_unusable');
        expect(detail).toBe(
          `${path} is damaged: ${why}; stop tunnel-tools, copy ${root}/versions/onion-registry.3.json to ${path}, ` +
            'remove what is newer in versions/, and start it again.',
        );
      }
      expect(readFileSync(path, 'utf8')).toBe(text);
      writeFileSync(path, readFileSync(join(root, 'versions/onion-registry.3.json')));
    }
    expect(names(await file.load())).toHaveLength(3);
  });

  it('no flipped bit and no cut is taken for a registry', async () => {
    const { file, path } = await withThree();
    const whole = readFileSync(path);
    const expected = await file.load();
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: whole.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        fc.boolean(),
        async (at, bit, cuts) => {
          const bytes = Buffer.from(cuts ? whole.subarray(0, at) : whole);
          if (!cuts) bytes[at] = (bytes[at] as number) ^ (1 << bit);
          writeFileSync(path, bytes);
          const found = await file.load().catch((error: { code: string }) => error.code);
          // White space between its parts says nothing.
          if (found !== 'registry_unusable') expect(found).toEqual(expected);
        },
      ),
    );
  });

  it('a file that is gone is written again from its last version', async () => {
    const { root, file, path } = await withThree();
    unlinkSync(path);
    expect(names(await file.load())).toHaveLength(3);
    expect(readFileSync(path)).toEqual(readFileSync(join(root, 'versions/onion-registry.3.json')));
  });

  it('a newer version that is damaged is told, too', async () => {
    const { root, file } = await withThree();
    writeFileSync(join(root, 'versions/onion-registry.4.json'), '{');
    const { detail } = await problemOf(file.load());
    expect(detail).toContain(
      'versions/onion-registry.4.json is damaged: it is not whole JSON; stop tunnel-tools, copy',
    );
    expect(detail).toContain('versions/onion-registry.3.json to');
  });

  it('a folder in its place, or none that may be written, is told by name', async () => {
    const { root, path, file } = await open();
    mkdirSync(path);
    expect(await problemOf(file.load())).toMatchObject({
      code: 'registry_unusable',
      detail: `${path}: EISDIR; check that the volume is there and that this user may write to it.`,
    });
    rmSync(root, { recursive: true });
    writeFileSync(root, '');
    expect(await problemOf(new DurableFolder(root, ['keys']).prepare())).toMatchObject({
      code: 'registry_unusable',
    });
  });
});
