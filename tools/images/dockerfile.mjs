// The part of Dockerfiles that needs no builder: one stage that copies. Everything else is refused with its place, so that what is
// assembled here and what `docker build` makes of the same file cannot differ.
// Language: https://docs.docker.com/reference/dockerfile/
import { readFileSync } from 'node:fs';
import { ImageError } from './download.mjs';

/**
 * @typedef {object} Healthcheck
 * @property {string[]} Test `['CMD', program, …]` or `['NONE']`
 * @property {number} [Interval] nanoseconds, as all that follow
 * @property {number} [Timeout]
 * @property {number} [StartPeriod]
 * @property {number} [Retries]
 */

/**
 * @typedef {{ text: string, line: number } & (
 *   | { kind: 'COPY', sources: string[], to: string, uid: number, gid: number }
 *   | { kind: 'ENV' | 'LABEL', values: [string, string][] }
 *   | { kind: 'USER' | 'WORKDIR', value: string }
 *   | { kind: 'ENTRYPOINT' | 'CMD' | 'EXPOSE' | 'VOLUME', values: string[] }
 *   | { kind: 'HEALTHCHECK', check: Healthcheck }
 * )} Step
 */

/**
 * @typedef {object} Dockerfile
 * @property {string} from reference of the base
 * @property {Step[]} steps
 */

/** What a builder knows without being told. @type {(arch: 'amd64' | 'arm64') => Record<string, string>} */
const platformOf = (arch) => ({
  TARGETARCH: arch,
  TARGETOS: 'linux',
  TARGETPLATFORM: `linux/${arch}`,
  TARGETVARIANT: '',
});

/**
 * @param {string} path of the Dockerfile, as it is to be named in complaints
 * @param {{ arch: 'amd64' | 'arm64', args?: Record<string, string> }} options `args`: as `--build-arg`
 * @returns {Dockerfile}
 * @throws {ImageError} with file, line and what to do
 */
export const readDockerfile = (path, options) => parseDockerfile(readFileSync(path, 'utf8'), path, options);

/**
 * @param {string} text
 * @param {string} path
 * @param {{ arch: 'amd64' | 'arm64', args?: Record<string, string> }} options
 * @returns {Dockerfile}
 */
export function parseDockerfile(text, path, { arch, args = {} }) {
  const scope = { global: {}, stage: {}, platform: platformOf(arch), args };
  /** @type {string | null} */
  let from = null;
  /** @type {Step[]} */
  const steps = [];
  for (const { words, line } of logicalLines(text, path)) {
    const refuse = (/** @type {string} */ why) => {
      throw new ImageError(`${path}:${line}: ${why}`);
    };
    const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(words) ?? [];
    const kind = name.toUpperCase();
    if (kind === 'ARG') declare(scope, rest, from === null, refuse);
    else if (kind === 'FROM') {
      if (from !== null) refuse('a second FROM: images here have one stage, files are staged before');
      from = expand(rest, { ...scope.platform, ...scope.global }, refuse);
      if (/\s/.test(from)) refuse('FROM takes one image and no more');
      if (from === '') refuse('FROM names no image');
    } else if (from === null) refuse(`${kind} before FROM`);
    else steps.push(readStep(kind, rest, scope.stage, refuse, line));
  }
  if (from === null) throw new ImageError(`${path}: there is no FROM`);
  return { from, steps };
}

/** Lines joined at backslashes, without comments. @type {(text: string, path: string) => { words: string, line: number }[]} */
function logicalLines(text, path) {
  /** @type {{ words: string, line: number }[]} */
  const joined = [];
  let open = false;
  text.split('\n').forEach((raw, index) => {
    const line = index + 1;
    if (joined.length === 0 && /^#\s*(syntax|escape|check)\s*=/i.test(raw))
      throw new ImageError(`${path}:${line}: directives are not read; take it out`);
    if (/^\s*(#|$)/.test(raw)) return;
    const more = /\\\s*$/.test(raw);
    const words = raw.replace(/\\\s*$/, ' ').trim();
    const last = joined.at(-1);
    if (open && last) last.words = `${last.words} ${words}`.trim();
    else joined.push({ words, line });
    open = more;
  });
  return joined;
}

/**
 * @typedef {object} Scope
 * @property {Record<string, string>} global before FROM
 * @property {Record<string, string>} stage after it
 * @property {Record<string, string>} platform
 * @property {Record<string, string>} args from outside
 */

/** @typedef {(why: string) => void} Refuse */

/** @type {(scope: Scope, rest: string, isGlobal: boolean, refuse: Refuse) => void} */
function declare(scope, rest, isGlobal, refuse) {
  const [, name = '', preset] = /^([A-Za-z_]\w*)(?:=(.*))?$/s.exec(rest) ?? [];
  if (!name) refuse('ARG takes one NAME or NAME=value');
  const into = isGlobal ? scope.global : scope.stage;
  const value =
    scope.args[name] ??
    (preset === undefined ? undefined : expand(preset, into, refuse)) ??
    (isGlobal ? undefined : (scope.global[name] ?? scope.platform[name]));
  if (value !== undefined) into[name] = value;
}

/**
 * Puts values in for `$NAME`, `${NAME}` and `${NAME:-otherwise}`, and takes one level of quotes off.
 * @type {(text: string, values: Record<string, string>, refuse: Refuse) => string}
 */
function expand(text, values, refuse) {
  return text.replace(
    /'([^']*)'|"|\\(.)|\$\{(\w+)(?::-([^}]*))?\}|\$(\w+)|\$\{/gs,
    (all, single, escaped, braced, otherwise, bare) => {
      if (single !== undefined) return single;
      if (all === '"') return '';
      if (escaped !== undefined) return escaped;
      if (all === '${') refuse('of ${…} only ${NAME} and ${NAME:-otherwise} are read');
      const name = braced ?? bare;
      return values[name] || otherwise || values[name] || '';
    },
  );
}

/** Splits at blanks outside of quotes. @type {(text: string) => string[]} */
const splitWords = (text) => text.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/gs) ?? [];

/** @type {(kind: string, rest: string, values: Record<string, string>, refuse: Refuse, line: number) => Step} */
function readStep(kind, rest, values, refuse, line) {
  const text = `${kind} ${rest}`;
  const word = (/** @type {string} */ each) => expand(each, values, refuse);
  switch (kind) {
    case 'COPY':
      return { kind, text, line, ...readCopy(splitWords(rest).map(word), refuse) };
    case 'ENV':
    case 'LABEL': {
      const pairs = readPairs(rest, word, kind, refuse);
      // What follows in the file sees it.
      if (kind === 'ENV') Object.assign(values, Object.fromEntries(pairs));
      return { kind, text, line, values: pairs };
    }
    case 'USER':
    case 'WORKDIR':
      return { kind, text, line, value: word(rest) };
    case 'ENTRYPOINT':
    case 'CMD':
      return { kind, text, line, values: readExec(rest, kind, refuse) };
    case 'EXPOSE':
      return {
        kind,
        text,
        line,
        // A variable may hold several.
        values: splitWords(splitWords(rest).map(word).join(' ')).map((each) => readPort(each, refuse)),
      };
    case 'VOLUME':
      return {
        kind,
        text,
        line,
        values: rest.startsWith('[') ? readExec(rest, kind, refuse).map(word) : splitWords(rest).map(word),
      };
    case 'HEALTHCHECK':
      return { kind, text, line, check: readHealthcheck(rest, refuse) };
    default:
      refuse(
        kind === 'RUN'
          ? 'RUN needs a shell and a machine of the image; stage files under dist/images/ and COPY them'
          : `${kind} is not read here; there are ARG, FROM, COPY, ENV, USER, WORKDIR, LABEL, HEALTHCHECK, ENTRYPOINT, CMD, EXPOSE, VOLUME`,
      );
      throw new TypeError('unreachable');
  }
}

/** @type {(words: string[], refuse: Refuse) => { sources: string[], to: string, uid: number, gid: number }} */
function readCopy(words, refuse) {
  let uid = 0;
  let gid = 0;
  const paths = [];
  for (const each of words) {
    const owner = /^--chown=(\d+):(\d+)$/.exec(each);
    if (owner) [uid, gid] = [Number(owner[1]), Number(owner[2])];
    else if (each.startsWith('--chown=')) refuse('--chown takes numbers here, as in --chown=1000:1000');
    else if (each.startsWith('--'))
      refuse(`COPY ${each}: of its options only --chown is read; modes are those of the staged files`);
    else paths.push(each);
  }
  const to = paths.pop() ?? '';
  if (paths.length === 0) refuse('COPY takes sources and a destination');
  if (!to.startsWith('/')) refuse(`COPY to ${to || 'nothing'}: the destination begins with /`);
  for (const each of paths) {
    if (!each.startsWith('dist/images/') || each.includes('..'))
      refuse(`COPY ${each}: files come from dist/images/, where they have been staged with their modes`);
    if (/[*?[]/.test(each)) refuse(`COPY ${each}: patterns are not read; name the folder`);
  }
  if (paths.length > 1 && !to.endsWith('/')) refuse('COPY of several sources: the destination ends with /');
  return { sources: paths, to, uid, gid };
}

/** @type {(rest: string, word: (each: string) => string, kind: string, refuse: Refuse) => [string, string][]} */
function readPairs(rest, word, kind, refuse) {
  return splitWords(rest).map((each) => {
    const at = each.indexOf('=');
    if (at < 1) refuse(`${kind} takes NAME=value; found ${each}`);
    return [word(each.slice(0, at)), word(each.slice(at + 1))];
  });
}

/** @type {(rest: string, kind: string, refuse: Refuse) => string[]} */
function readExec(rest, kind, refuse) {
  try {
    const values = JSON.parse(rest);
    if (Array.isArray(values) && values.every((each) => typeof each === 'string')) return values;
  } catch {
    // Said below: it is the shell form, or a slip in the JSON.
  }
  refuse(
    `${kind} takes a JSON list of words, as in ["/bin/program", "argument"]; there is no shell to run anything else`,
  );
  return [];
}

/** @type {(text: string, refuse: Refuse) => string} */
function readPort(text, refuse) {
  if (!/^\d+(\/(tcp|udp))?$/.test(text)) refuse(`EXPOSE ${text}: it takes a port, as in 8080 or 53/udp`);
  return text.includes('/') ? text : `${text}/tcp`;
}

const UNIT_NS = { h: 3_600e9, m: 60e9, s: 1e9, ms: 1e6 };

/** @type {(rest: string, refuse: Refuse) => Healthcheck} */
function readHealthcheck(rest, refuse) {
  if (rest.trim() === 'NONE') return { Test: ['NONE'] };
  const [, options = '', command = ''] = /^(.*?)\bCMD\s+(.*)$/s.exec(rest) ?? [];
  if (!command) refuse('HEALTHCHECK takes options and then CMD ["program", …]');
  /** @type {Omit<Healthcheck, 'Test'>} */
  const numbers = {};
  for (const option of splitWords(options)) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.+)$/.exec(option) ?? [];
    if (name === 'interval') numbers.Interval = duration(value, refuse);
    else if (name === 'timeout') numbers.Timeout = duration(value, refuse);
    else if (name === 'start-period') numbers.StartPeriod = duration(value, refuse);
    else if (name === 'retries' && /^\d+$/.test(value)) numbers.Retries = Number(value);
    else refuse(`HEALTHCHECK ${option}: its options are --interval, --timeout, --start-period and --retries`);
  }
  return { Test: ['CMD', ...readExec(command, 'HEALTHCHECK CMD', refuse)], ...numbers };
}

/** Nanoseconds. @type {(text: string, refuse: Refuse) => number} */
function duration(text, refuse) {
  const [, amount = '', unit = ''] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const ns = UNIT_NS[/** @type {keyof typeof UNIT_NS} */ (unit)];
  if (!ns) refuse(`a time is written as 10s, 500ms, 1m; found ${text}`);
  return Number(amount) * (ns ?? 0);
}
