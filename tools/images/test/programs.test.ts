import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import type { Deb } from '../deb.mjs';
import { isElf, readElf } from '../elf.mjs';
import { directory, type Entry, file, symlink } from '../entries.mjs';
import { programFiles } from '../program-files.mjs';
import { readPrograms } from '../programs.mjs';

const LIBRARIES = 'usr/lib/x86_64-linux-gnu';

/** An ELF file of 64 bits that needs libraries, and nothing else: header, one segment that is loaded, one that is dynamic. */
function elfNeeding(...sonames: string[]): Buffer {
  const strings = Buffer.from(`\0${sonames.map((each) => `${each}\0`).join('')}`);
  const base = 0x400000n;
  const [headers, dynamicBytes] = [64 + 2 * 56, (sonames.length + 2) * 16];
  const bytes = Buffer.alloc(headers + dynamicBytes + strings.length);
  bytes.write('\x7fELF\x02\x01\x01', 'latin1');
  bytes.writeUInt16LE(62, 18);
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  const segment = (at: number, kind: number, offset: number, size: number) => {
    bytes.writeUInt32LE(kind, at);
    bytes.writeBigUInt64LE(BigInt(offset), at + 8);
    bytes.writeBigUInt64LE(base + BigInt(offset), at + 16);
    bytes.writeBigUInt64LE(BigInt(size), at + 32);
  };
  segment(64, 1, 0, bytes.length);
  segment(64 + 56, 2, headers, dynamicBytes);
  let at = headers;
  const put = (tag: bigint, value: bigint) => {
    bytes.writeBigInt64LE(tag, at);
    bytes.writeBigUInt64LE(value, at + 8);
    at += 16;
  };
  for (const each of sonames) put(1n, BigInt(strings.indexOf(`${each}\0`)));
  put(5n, base + BigInt(headers + dynamicBytes));
  strings.copy(bytes, headers + dynamicBytes);
  return bytes;
}

const debOf = (name: string, ...entries: Entry[]): Deb => ({
  name,
  version: '1',
  controlText: `Package: ${name}\nVersion: 1\n`,
  md5sums: '',
  entries: [...entries, file(`usr/share/doc/${name}/copyright`, `of ${name}`)],
});

const program = debOf(
  'program',
  file('usr/bin/program', elfNeeding('libone.so.1', 'libc.so.6'), { mode: 0o755 }),
);
const one = debOf(
  'one',
  symlink(`${LIBRARIES}/libone.so.1`, 'libone.so.1.2'),
  file(`${LIBRARIES}/libone.so.1.2`, elfNeeding('libtwo.so.2')),
  file('usr/bin/unwanted', 'of no use'),
);
const two = debOf('two', file('lib/x86_64-linux-gnu/libtwo.so.2', elfNeeding('libc.so.6')));
const stranger = debOf('stranger', file(`${LIBRARIES}/libthree.so.3`, elfNeeding()));
const below = new Map([
  ['lib/x86_64-linux-gnu/libc.so.6', { type: 'file', mode: 0o644, uid: 0, gid: 0 } as const],
]);
const wanted = { name: 'a program', take: { program: ['usr/bin/program'] } };

describe('the reader of ELF files', () => {
  it('names what a program needs', () => {
    const bytes = elfNeeding('liba.so.1', 'libb.so.2');
    expect(readElf(bytes)).toEqual({ arch: 'amd64', needed: ['liba.so.1', 'libb.so.2'], interpreter: null });
  });

  it('refuses what is no ELF file of 64 bits, and every cut of one', () => {
    expect(isElf(Buffer.from('#!/bin/sh'))).toBe(false);
    expect(() => readElf(Buffer.from('#!/bin/sh'))).toThrow(TypeError);
    const bytes = elfNeeding('liba.so.1');
    const narrow = Buffer.from(bytes);
    narrow[4] = 1;
    expect(() => readElf(narrow)).toThrow('64 bits');
    for (let length = 0; length < bytes.length - 1; length++)
      expect(() => readElf(bytes.subarray(0, length))).toThrow(TypeError);
  });
});

const noReadelf =
  spawnSync('readelf', ['--version']).status === 0 ? null : 'readelf (binutils) is not installed';

describeWhere(noReadelf, 'the reader of ELF files against readelf')('Node itself', () => {
  it('needs what readelf says', () => {
    const said = spawnSync('readelf', ['-d', process.execPath], { encoding: 'utf8' }).stdout;
    const needed = [...said.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name]) => name);
    expect(needed.length).toBeGreaterThan(0);
    expect(readElf(readFileSync(process.execPath)).needed).toEqual(needed);
  });
});

describe('the files of a program', () => {
  it('are the program, the libraries of its libraries, and the papers of their packages; nothing that the base has', () => {
    const { entries, packages } = programFiles(wanted, [program, one, two, stranger], 'amd64', below);
    expect(packages).toEqual(['one', 'program', 'two']);
    expect(entries.map(({ path }) => path).sort()).toEqual(
      [
        'lib/x86_64-linux-gnu/libtwo.so.2',
        'usr/bin/program',
        `${LIBRARIES}/libone.so.1`,
        ...['one', 'program', 'two'].flatMap((name) => [
          `usr/share/doc/${name}/copyright`,
          `var/lib/dpkg/status.d/${name}`,
        ]),
      ].sort(),
    );
    const library = entries.find(({ path }) => path.endsWith('libone.so.1'));
    expect(library?.type).toBe('file');
    expect(library?.data?.equals(elfNeeding('libtwo.so.2'))).toBe(true);
  });

  it('are refused where a library is missing, by its name and by what needs it', () => {
    expect(() => programFiles(wanted, [program, one], 'amd64', below)).toThrow(
      `a program: /${LIBRARIES}/libone.so.1.2 needs libtwo.so.2, which no package of its list has`,
    );
    expect(() => programFiles(wanted, [program, one, two], 'arm64', below)).toThrow('needs libone.so.1');
  });

  it('are refused where a package has not what is to be taken', () => {
    const take = { program: ['usr/bin/other'] };
    expect(() => programFiles({ name: 'x', take }, [program], 'amd64')).toThrow(
      'the package program has no /usr/bin/other',
    );
    const folder = { stranger: ['usr/bin/'] };
    expect(() => programFiles({ name: 'x', take: folder }, [program, stranger], 'amd64')).toThrow(
      'has no /usr/bin/',
    );
  });

  it('of a folder are those of its package, without what is left out', () => {
    const tools = debOf(
      'tools',
      directory('bin'),
      file('bin/a', 'a'),
      file('bin/b', 'b'),
      symlink('bin/c', 'a'),
    );
    const others = debOf('others', file('bin/d', 'd'));
    const taken = programFiles(
      { name: 'x', take: { tools: ['bin/'] }, omit: ['/b$'] },
      [tools, others],
      'amd64',
    );
    expect(taken.entries.map(({ path }) => path).filter((path) => path.startsWith('bin/'))).toEqual([
      'bin/a',
      'bin/c',
    ]);
  });

  it('keep the copyright that a package has in another one', () => {
    const user: Deb = {
      ...debOf('user', file('usr/bin/user', 'x')),
      entries: [file('usr/bin/user', 'x'), symlink('usr/share/doc/user', 'owner')],
    };
    const { entries } = programFiles(
      { name: 'x', take: { user: ['usr/bin/user'] } },
      [user, debOf('owner')],
      'amd64',
    );
    expect(String(entries.find(({ path }) => path === 'usr/share/doc/user/copyright')?.data)).toBe(
      'of owner',
    );
  });
});

describe('programs.json', () => {
  it('gives each program a volume of its own user, and no path that leaves the image', () => {
    for (const { take, links = {}, volumes } of Object.values(readPrograms())) {
      const paths = [...Object.values(take).flat(), ...Object.keys(links), ...Object.keys(volumes)];
      for (const path of paths) expect(path).toMatch(/^[a-z][^:]*$/);
      for (const path of paths) expect(path.split('/')).not.toContain('..');
      expect(Object.keys(volumes).length).toBeGreaterThan(0);
    }
  });
});
