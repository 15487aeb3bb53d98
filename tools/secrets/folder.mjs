// A folder of secrets. It appears whole or not at all; what a later version needs besides is added, and nothing that is there is
// written again. `.made` lists what was made: a secret of that list that is gone was lost, and is not made anew by itself.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

const MADE = '.made';
const KEYRING = 'keyring';
/** The folder is closed; the files in it must be readable for user 1000 in containers. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o644;

export class SecretsError extends Error {}

const textOf = (path) => readFileSync(path, 'utf8').trim();
const namesIn = (folder) => (existsSync(folder) ? readdirSync(folder) : []);

/** Replaces the file at once. */
export function writeWhole(path, text, mode = FILE_MODE) {
  const aside = `${path}.${process.pid}.new`;
  writeFileSync(aside, text, { mode });
  chmodSync(aside, mode);
  renameSync(aside, path);
}

/** Writes the file unless it is there; whoever comes second keeps what the first wrote. */
function writeOnce(path, text) {
  const aside = `${path}.${process.pid}.new`;
  writeFileSync(aside, text, { mode: FILE_MODE });
  chmodSync(aside, FILE_MODE);
  try {
    linkSync(aside, path);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside);
  }
}

function madeIn(folder) {
  try {
    return textOf(join(folder, MADE)).split('\n');
  } catch {
    return [];
  }
}

function readKeyring(path) {
  if (!existsSync(path)) return {};
  try {
    return JSON.parse(textOf(path));
  } catch {
    throw new SecretsError(`${path} is no JSON: restore it from a backup, or remove it and run this again`);
  }
}

/** Public keys by caller, of every key of a service that is there; callers of others that the keyring knows stay in it. */
function keyringOf(folder, callers, parseServiceKey) {
  const path = join(folder, KEYRING);
  const known = readKeyring(path);
  for (const caller of callers) {
    const { publicKey } = parseServiceKey(caller, readFileSync(join(folder, `${caller}_key`)));
    if (known[caller] !== undefined && known[caller] !== publicKey)
      throw new SecretsError(
        `${path} names another public key for ${caller} than that of ${caller}_key: restore both from the same backup`,
      );
    known[caller] = publicKey;
  }
  return JSON.stringify(known);
}

/** A key that is about to be made anew is unknown first: killed in between, the next run goes on. */
function forget(folder, missing) {
  const path = join(folder, KEYRING);
  const known = Object.entries(readKeyring(path));
  const kept = known.filter(([caller]) => !missing.includes(`${caller}_key`));
  if (kept.length < known.length) writeWhole(path, `${JSON.stringify(Object.fromEntries(kept))}\n`);
}

/** Makes what is missing; names of what was made. @throws SecretsError where a secret was lost or does not fit */
function fill(folder, { recipes, callers, parseServiceKey }) {
  const there = new Set(namesIn(folder));
  const missing = Object.keys(recipes).filter((name) => !there.has(name));
  const lost = missing.filter((name) => madeIn(folder).includes(name) && recipes[name].precious);
  if (lost.length > 0)
    throw new SecretsError(
      `${lost.map((name) => join(folder, name)).join(', ')}: made here once and gone. Restore from a backup; a new one would not open what the old one closed. To begin anew all the same, remove its name from ${join(folder, MADE)}`,
    );
  forget(folder, missing);
  for (const [name, { of, make }] of Object.entries(recipes)) {
    if (!missing.includes(name) && !missing.includes(of)) continue;
    const path = join(folder, name);
    // What is made of another one that is new is new as well.
    if (missing.includes(of)) writeWhole(path, `${make(textOf(join(folder, of)))}\n`);
    else writeOnce(path, `${of ? make(textOf(join(folder, of))) : make()}\n`);
  }
  const keyring = keyringOf(folder, callers, parseServiceKey);
  if (!there.has(KEYRING) || textOf(join(folder, KEYRING)) !== keyring)
    writeWhole(join(folder, KEYRING), `${keyring}\n`);
  const made = [...new Set([...madeIn(folder).filter(Boolean), ...Object.keys(recipes), KEYRING])].sort();
  if (made.join('\n') !== madeIn(folder).join('\n')) writeWhole(join(folder, MADE), `${made.join('\n')}\n`);
  return missing;
}

/** The first time: aside, then put in place at once. False where another run was faster. */
function makeWhole(folder, parts) {
  const aside = mkdtempSync(join(dirname(folder), `.${basename(folder)}.${process.pid}.`));
  chmodSync(aside, FOLDER_MODE);
  try {
    fill(aside, parts);
    renameSync(aside, folder);
    return true;
  } catch (error) {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}

/** Removes what runs that were killed left beside: drafts, by the id of their process. Nothing of another form of name. */
function sweep(folder) {
  const name = basename(folder).replaceAll(/[^\w-]/g, '\\$&');
  const beside = new RegExp(`^\\.(?:${name}\\.(\\d+)\\.\\w{6}|env\\.(\\d+)\\.new)$`);
  const drafts = [
    ...namesIn(dirname(folder)).map((each) => [join(dirname(folder), each), beside.exec(each)]),
    ...namesIn(folder).map((each) => [join(folder, each), /\.(\d+)\.new$/.exec(each)]),
  ];
  for (const [path, match] of drafts)
    if (match && !lives(Number(match[1] ?? match[2]))) rmSync(path, { recursive: true, force: true });
}

/** Names of what was made; none where everything is there. @throws SecretsError */
export function makeSecrets(folder, parts) {
  mkdirSync(dirname(folder), { recursive: true });
  sweep(folder);
  if (namesIn(folder).length === 0 && makeWhole(folder, parts)) return Object.keys(parts.recipes);
  chmodSync(folder, FOLDER_MODE);
  return fill(folder, parts);
}
