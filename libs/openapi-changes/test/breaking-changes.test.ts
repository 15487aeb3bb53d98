import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { breakingChangesOf, mayBreak, type OpenApi, rules } from '../src/index.ts';
import { baseDocument, corpus, path } from './corpus.ts';

const root = join(__dirname, '../../..');

/** The document before and after an edit; a case that marks the document as `was` is about the way back. */
function sidesOf(edit: (typeof corpus)[number]['edit']): readonly [OpenApi, OpenApi] {
  const before = baseDocument();
  const after = structuredClone(before);
  edit(after.paths[path]?.put, after);
  if (!('was' in after)) return [before, after];
  const required = structuredClone(before);
  Object.assign(required.paths[path]?.put?.requestBody as object, { required: true });
  return [after, required];
}

test.each(corpus)('$breaks: $name', ({ edit, breaks }) => {
  const [before, after] = sidesOf(edit);
  expect(after).not.toEqual(baseDocument());
  const found = new Set(breakingChangesOf(before, after).map(({ rule }) => rule));
  expect([...found]).toEqual(breaks === null ? [] : [breaks]);
});

test('every rule has a case in which it fires', () => {
  expect(new Set(corpus.map(({ breaks }) => breaks).filter(Boolean))).toEqual(new Set(Object.keys(rules)));
});

test('a change says where it is', () => {
  const [before, after] = sidesOf((operation) => {
    delete operation.requestBody.content['application/json'].schema.properties.place.properties;
    operation.requestBody.content['application/json'].schema.properties.place.required = ['city'];
  });
  expect(breakingChangesOf(before, after)).toEqual([
    { rule: 'field-required', where: `PUT ${path} body/place/city`, text: 'required' },
  ]);
});

test('our own documents break nobody by staying what they are', () => {
  const folder = join(root, 'docs/openapi');
  for (const name of readdirSync(folder)) {
    const document = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    expect(breakingChangesOf(document, structuredClone(document))).toEqual([]);
    for (const at of Object.keys(document.paths)) {
      const { [at]: _gone, ...paths } = document.paths;
      const found = breakingChangesOf(document, { ...document, paths });
      expect(found.map(({ rule }) => rule)).toEqual(
        Object.keys(document.paths[at]).map(() => 'operation-removed'),
      );
    }
  }
});

test('only a higher major version may break, or what promised nothing', () => {
  const raised = [
    ['1.9.9', '2.0.0'],
    ['0.1.0', '1.0.0'],
    ['0.1.0', '0.1.1'],
    ['9.0.0', '10.0.0'],
  ] as const;
  const not = [
    ['1.0.0', '1.1.0'],
    ['2.0.0', '1.0.0'],
    ['1.0.0', '1.0.0'],
    ['1.0.0', 'two'],
    ['10.0.0', '9.0.0'],
  ] as const;
  for (const [from, to] of raised) expect([from, to, mayBreak(from, to)]).toEqual([from, to, true]);
  for (const [from, to] of not) expect([from, to, mayBreak(from, to)]).toEqual([from, to, false]);
});

describe('tools/check-openapi.mjs', () => {
  let folder: string;
  const run = (program: string, args: string[], cwd = folder) =>
    spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, LUCID_OPENAPI_BASE: '' } });
  const git = (...args: string[]) => {
    const result = run('git', [
      '-c',
      'user.name=t',
      '-c',
      'user.email=t@t',
      '-c',
      'commit.gpgsign=false',
      ...args,
    ]);
    if (result.status !== 0) throw new Error(result.stderr);
  };
  const write = (document: OpenApi) =>
    writeFileSync(join(folder, 'docs/openapi/notes.json'), JSON.stringify(document));
  const commit = () => {
    git('add', '-A');
    git('commit', '-qm', 'x');
  };
  const check = (cwd = folder, ...args: string[]) => {
    const { status, stdout, stderr } = run(
      process.execPath,
      [join(root, 'tools/check-openapi.mjs'), ...args],
      cwd,
    );
    return { status, said: stdout + stderr };
  };
  const shut = (version: string): OpenApi => ({ ...baseDocument(), info: { version }, paths: {} });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lucid-changes-'));
    mkdirSync(join(folder, 'docs/openapi'), { recursive: true });
    git('init', '-q');
    write(baseDocument());
    commit();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('a break is named before it is committed, and after; unless the major version is raised', () => {
    expect(check().status).toBe(0);
    write(shut('1.5.0'));
    expect(check()).toMatchObject({
      status: 1,
      said: expect.stringContaining(`operation-removed: PUT ${path}`),
    });
    commit();
    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('before its last change') });
    write(shut('2.0.0'));
    commit();
    expect(check().status).toBe(0);
  });

  test('a document that is gone, and a base that is older', () => {
    write({ ...shut('1.5.0') });
    commit();
    write({ ...shut('1.6.0') });
    commit();
    expect(check().status).toBe(0);
    expect(check(folder, '--base', 'HEAD~2')).toMatchObject({ status: 1 });
    expect(check(folder, '--base', 'nowhere')).toMatchObject({
      status: 1,
      said: expect.stringContaining('no commit'),
    });
    rmSync(join(folder, 'docs/openapi/notes.json'));
    expect(check()).toMatchObject({ status: 1, said: expect.stringContaining('service-removed') });
  });

  test('a branch is compared with what was published, not with its own commits', () => {
    const clone = join(folder, 'clone');
    git('clone', '-q', `file://${folder}`, clone);
    const write = (document: OpenApi) =>
      writeFileSync(join(clone, 'docs/openapi/notes.json'), JSON.stringify(document));
    const commit = () => git('-C', clone, 'commit', '-qam', 'x');
    write(shut('2.0.0'));
    commit();
    write({ ...baseDocument(), info: { version: '2.0.0' } });
    commit();
    write(shut('2.0.0'));
    expect(check(clone).status).toBe(0);
    write(shut('1.5.0'));
    commit();
    expect(check(clone)).toMatchObject({ status: 1, said: expect.stringContaining('operation-removed') });
  });

  test('a shallow clone compares what it has, and says what it has not', () => {
    write(shut('1.5.0'));
    commit();
    const shallow = join(folder, 'shallow');
    git('clone', '-q', '--depth', '1', `file://${folder}`, shallow);
    expect(check(shallow)).toMatchObject({ status: 0, said: expect.stringContaining('shallow') });
    writeFileSync(join(shallow, 'docs/openapi/notes.json'), JSON.stringify(baseDocument()));
    expect(check(shallow).status).toBe(0);
  });
});
