// compose/.env: lines are added, none is changed.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { SecretsError, writeWhole } from './folder.mjs';

const valueIn = (text, name) =>
  new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]?.replace(/^(['"])(.*)\1$/, '$2');

/**
 * Adds the variables that are not set. Whether anything was written. `fixed` are those that must be as they are here.
 * @throws SecretsError where one of them is something else
 */
export function completeEnvFile(path, { fixed, presets }) {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  for (const [name, value] of Object.entries(fixed)) {
    const there = valueIn(text, name);
    if (there !== undefined && there !== value)
      throw new SecretsError(
        `${path}: ${name} is not the public key of the secret key. Remove the line and run this again; what was signed before then counts as signed by a stranger`,
      );
  }
  const missing = Object.entries({ ...presets, ...fixed }).filter(
    ([name]) => valueIn(text, name) === undefined,
  );
  if (missing.length === 0) return false;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  // Whoever closed the file keeps it closed.
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  const added = missing.map(([name, value]) => `${name}=${value}\n`).join('');
  writeWhole(path, before + added, mode === undefined ? undefined : mode & 0o777);
  return true;
}
