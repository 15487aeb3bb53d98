// Secrets in files, by name and by content. What a program merely says (`-----BEGIN PRIVATE KEY-----` in a library) is none: a key
// follows its heading.

/** Files that hold credentials by what they are. @type {[RegExp, string][]} */
const NAMES = [
  [/(^|\/)\.env(\.[^/]+)?$/, 'a file of variables'],
  [/(^|\/)\.npmrc$/, "npm's credentials"],
  [/(^|\/)\.(netrc|pgpass|git-credentials)$/, 'credentials'],
  [/(^|\/)\.(docker|aws|kube|gnupg)\/./, 'credentials of a tool'],
  [/(^|\/)id_(rsa|dsa|ecdsa|ed25519)$/, 'a key of SSH'],
  [/(^|\/)ssh_host_[a-z0-9]+_key$/, 'a key of an SSH host'],
  [/(^|\/)(secrets|run\/secrets)\/./, 'a folder of secrets'],
  [/\.(p12|pfx|jks|keystore)$/, 'a store of keys'],
];

/**
 * What a secret begins with, to be found fast; all of it from there; what it is; and whether it begins a line.
 * @type {[string, RegExp, string, boolean?][]}
 */
const CONTENTS = [
  ['PRIVATE KEY-----', /^.{16}(\s|\\[nr])+([A-Za-z-]+: [^\n]+\s+)*[A-Za-z0-9+/=]{32}/, 'a private key'],
  ['AGE-SECRET-KEY-1', /^.{16}[A-Z0-9]{58}/, 'a key of age'],
  ['PRIVATE+KEY+', /^.{12}[^+\s]+\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40}/, 'a key that signs notes'],
  ['_authToken=', /^.{11}[A-Za-z0-9_-]{20}/, 'a token of npm'],
  ['npm_', /^npm_[A-Za-z0-9]{36}\b/, 'a token of npm'],
  ['ghp_', /^ghp_[A-Za-z0-9]{36}\b/, 'a token of GitHub'],
  ['gho_', /^gho_[A-Za-z0-9]{36}\b/, 'a token of GitHub'],
  ['ghs_', /^ghs_[A-Za-z0-9]{36}\b/, 'a token of GitHub'],
  ['github_pat_', /^github_pat_[A-Za-z0-9_]{60}/, 'a token of GitHub'],
  ['AKIA', /^AKIA[0-9A-Z]{16}\b/, 'a key of AWS'],
  ['requirepass ', /^requirepass \S/, 'a password of Redis', true],
  ['HashedControlPassword ', /^.{22}16:[0-9A-F]{58}/, 'a password of Tor', true],
];

/** Keys that a package publishes, to test itself with. @type {[RegExp, string][]} */
const PUBLISHED = [[/^usr\/lib\/[^/]+\/libgnutls\.so\.\d+$/, 'a private key']];

/** Longer than any heading with what follows it. */
const LONGEST_BYTES = 1_024;

const NEWLINE = 10;

/** Names by which settings carry secrets; a path to a file of one is none. */
const SECRET_NAME = /(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|CREDENTIAL)/i;

/**
 * @param {string} path
 * @param {Buffer} content
 * @returns {string[]} what kinds of secrets it is or holds
 */
export function findSecrets(path, content) {
  const byName = NAMES.filter(([pattern]) => pattern.test(path)).map(([, what]) => what);
  const byContent = CONTENTS.filter((each) => holds(content, each)).map(([, , what]) => what);
  const known = PUBLISHED.filter(([pattern]) => pattern.test(path)).map(([, what]) => what);
  return [...new Set([...byName, ...byContent])].filter((what) => !known.includes(what));
}

/** @type {(content: Buffer, secret: (typeof CONTENTS)[number]) => boolean} */
function holds(content, [start, pattern, , beginsLine]) {
  for (let at = content.indexOf(start); at >= 0; at = content.indexOf(start, at + start.length)) {
    const here = !beginsLine || at === 0 || content[at - 1] === NEWLINE;
    if (here && pattern.test(content.toString('latin1', at, at + LONGEST_BYTES))) return true;
  }
  return false;
}

/** @type {(name: string, value: string) => boolean} */
export const isSecretSetting = (name, value) =>
  SECRET_NAME.test(name) && !/_FILE$/.test(name) && value !== '' && !value.startsWith('/');
