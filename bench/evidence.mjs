// seal, verify and open against what people use today, whole processes, pair by pair in one run:
//   node bench/evidence.mjs [--mb 512] [--rounds 5] [--sets system,random,terminal] [--codec auto|wasm] [--dir DIR] [--json FILE]
// Peers: restic, borg (zstd,3), kopia (zstd) where it is installed, and `tar | zstd -3 -T2 | age`, the least anybody could do.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dataSet, setNames } from './lib/data-sets.mjs';
import { has, machine, median, run, table } from './lib/measure.mjs';

const { values: options } = parseArgs({
  options: {
    mb: { type: 'string', default: '512' },
    rounds: { type: 'string', default: '5' },
    sets: { type: 'string', default: setNames.join(',') },
    codec: { type: 'string', default: 'auto' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string' },
  },
});
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const lucidProgram = `node ${join(root, 'dist/apps/lucid/main.mjs')}`;
const sizeBytes = Number(options.mb) * 1_000_000;
const rounds = Number(options.rounds);
const scratch = mkdtempSync(join(options.dir, 'lucid-bench-'));
const inScratch = (...names) => join(scratch, ...names);
const fresh = (name) => {
  rmSync(inScratch(name), { recursive: true, force: true });
  mkdirSync(inScratch(name));
  return inScratch(name);
};
const sizeOf = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

/** Each peer: seal a file into its own fresh store, check it, restore it; `stored` is what lies on disk. */
const peers = {
  lucid: {
    env: { LUCID_HOME: inScratch('lucid-home'), LUCID_ZSTD: options.codec },
    prepare() {
      rmSync(inScratch('lucid-home', 'sessions'), { recursive: true, force: true });
      rmSync(inScratch('opened'), { force: true });
      run(`: | ${lucidProgram} seal - --json`, { env: this.env });
    },
    seal(file) {
      const result = run(`${lucidProgram} seal ${file} --json`, { env: this.env });
      this.result = JSON.parse(result.out.trim().split('\n').at(-1));
      if (!this.result.verified) throw new Error('seal did not verify');
      return result;
    },
    stored() {
      return statSync(this.result.bundle).size;
    },
    verify() {
      return run(`${lucidProgram} verify ${this.result.bundle} --json`, { env: this.env });
    },
    open() {
      return run(`${lucidProgram} open ${this.result.bundle} -o ${inScratch('opened')}`, { env: this.env });
    },
    opened: () => inScratch('opened'),
  },
  restic: {
    env: {
      RESTIC_REPOSITORY: inScratch('restic'),
      RESTIC_PASSWORD: 'bench',
      RESTIC_CACHE_DIR: inScratch('restic-cache'),
    },
    available: has('restic'),
    prepare() {
      fresh('restic');
      fresh('restic-out');
      run('restic init -q', { env: this.env });
    },
    seal(file) {
      this.file = file;
      return run(`restic backup -q ${file}`, { env: this.env });
    },
    stored: () => sizeOf(inScratch('restic')),
    verify() {
      return run('restic check -q --read-data', { env: this.env });
    },
    open() {
      return run(`restic restore -q latest --target ${inScratch('restic-out')}`, { env: this.env });
    },
    opened() {
      return join(inScratch('restic-out'), this.file);
    },
  },
  borg: {
    env: { BORG_REPO: inScratch('borg'), BORG_PASSPHRASE: 'bench', BORG_BASE_DIR: inScratch('borg-base') },
    available: has('borg'),
    prepare() {
      fresh('borg');
      fresh('borg-base');
      fresh('borg-out');
      run('borg init -e repokey', { env: this.env });
    },
    seal(file) {
      this.file = file;
      return run(`borg create -C zstd,3 ::one ${file}`, { env: this.env });
    },
    stored: () => sizeOf(inScratch('borg')),
    verify() {
      return run('borg check --verify-data', { env: this.env });
    },
    open() {
      return run('borg extract ::one', { env: this.env, cwd: inScratch('borg-out') });
    },
    opened() {
      return join(inScratch('borg-out'), this.file);
    },
  },
  kopia: {
    env: {
      KOPIA_PASSWORD: 'bench',
      KOPIA_CONFIG_PATH: inScratch('kopia.config'),
      KOPIA_CACHE_DIRECTORY: inScratch('kopia-cache'),
    },
    available: has('kopia'),
    prepare() {
      fresh('kopia');
      fresh('kopia-out');
      run(
        `kopia repository create filesystem --path ${inScratch('kopia')} && kopia policy set --global --compression=zstd`,
        { env: this.env },
      );
    },
    seal(file) {
      this.file = file;
      return run(`kopia snapshot create ${file}`, { env: this.env });
    },
    stored: () => sizeOf(inScratch('kopia')),
    verify() {
      return run('kopia snapshot verify --verify-files-percent=100', { env: this.env });
    },
    open() {
      return run(`kopia restore ${this.file} ${inScratch('kopia-out')}`, { env: this.env });
    },
  },
  'tar+zstd+age': {
    available: has('age') && has('zstd'),
    prepare() {
      rmSync(inScratch('least.age'), { force: true });
      if (!this.recipient) {
        run(`age-keygen -o ${inScratch('age.key')}`);
        this.recipient = run(`age-keygen -y ${inScratch('age.key')}`).out.trim();
      }
    },
    seal(file) {
      return run(
        `tar -cf - ${file} 2>/dev/null | zstd -q -3 -T2 -c | age -r ${this.recipient} -o ${inScratch('least.age')} && sync ${inScratch('least.age')}`,
      );
    },
    stored: () => statSync(inScratch('least.age')).size,
  },
};

const present = Object.entries(peers).filter(([, peer]) => peer.available !== false);
const figures = {};
const note = (set, step, name, figure) => {
  figures[set] ??= {};
  figures[set][step] ??= {};
  figures[set][step][name] ??= [];
  figures[set][step][name].push(figure);
};

function measureRound(set, file, checkRestore) {
  for (const [name, peer] of present) {
    peer.prepare();
    note(set, 'seal', name, peer.seal(file));
    note(set, 'stored', name, { bytes: peer.stored() });
  }
  for (const step of ['verify', 'open']) {
    for (const [name, peer] of present) if (peer[step]) note(set, step, name, peer[step]());
  }
  if (checkRestore) {
    for (const [, peer] of present) if (peer.opened) run(`cmp ${file} ${peer.opened()}`);
  }
}

const fixed = (value, digits = 2) => value.toFixed(digits);
const medianOf = (list, key) => median(list.map((each) => each[key]));

function rowsOf(set) {
  const rows = [];
  for (const step of ['seal', 'verify', 'open']) {
    const byName = figures[set][step];
    for (const name of Object.keys(byName)) {
      const ratio = (key) =>
        fixed(median(byName.lucid.map((each, round) => each[key] / byName[name][round][key])));
      rows.push([
        set,
        step,
        name,
        fixed(medianOf(byName[name], 'cpuS')),
        fixed(medianOf(byName[name], 'wallS')),
        name === 'lucid' ? '' : ratio('cpuS'),
        name === 'lucid' ? '' : ratio('wallS'),
        step === 'seal' ? fixed(medianOf(figures[set].stored[name], 'bytes') / sizeBytes, 4) : '',
      ]);
    }
  }
  return rows;
}

try {
  for (const set of options.sets.split(',')) {
    const file = dataSet(set, scratch, sizeBytes);
    run(`cat ${file} > /dev/null`);
    for (let round = 0; round < rounds; round++) {
      measureRound(set, file, round === 0);
      process.stderr.write(`${set}: round ${round + 1} of ${rounds}\n`);
    }
    rmSync(file);
  }
  console.log(
    `${machine()}; ${options.mb} MB a set, codec ${options.codec}, median of ${rounds} rounds; ratios are Lucid's figure over the peer's, pair by pair`,
  );
  console.log(
    table([
      ['set', 'step', 'program', 'CPU s', 'wall s', 'CPU ratio', 'wall ratio', 'stored/input'],
      ...options.sets.split(',').flatMap(rowsOf),
    ]),
  );
  if (options.json)
    writeFileSync(options.json, JSON.stringify({ machine: machine(), options, figures }, null, 2));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
