// The texts that licences of bundled packages ask to be kept with copies: one file, each text once, over it who is under it and the
// lines of copyright, which are what differs between hundreds of copies of the same licence.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const RULE = `\n${'-'.repeat(80)}\n\n`;

const COPYRIGHT = /^\W*copyright\b.*\d{4}|^\W*copyright (\(c\)|©)/i;

/** Where the terms begin, whatever heading stands over them, and where Apache's end. */
const TERMS =
  /(permission is hereby granted|permission to use|redistribution and use|apache license).*?(?=end of terms and conditions|$)/is;

/**
 * Of one licence file: lines of copyright, the rest, and what is the same in every copy of it.
 * @param {string} path
 */
function readLicence(path) {
  const lines = readFileSync(path, 'utf8').replaceAll('\r\n', '\n').trim().split('\n');
  const text = lines.filter((line) => !COPYRIGHT.test(line)).join('\n');
  const copyrights = lines.filter((line) => COPYRIGHT.test(line)).map((line) => line.trim());
  const terms = TERMS.exec(text)?.[0] ?? text;
  return {
    text: text.trim(),
    copyrights,
    key: terms
      .replace(/[\W_]+/g, ' ')
      .trim()
      .toLowerCase(),
  };
}

/** @type {(folder: string) => string[]} */
const licenceFiles = (folder) =>
  readdirSync(join(root, folder))
    .filter((each) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(each))
    .sort();

/**
 * @param {readonly string[]} folders of packages, from the root
 * @returns {string} those packages that carry no text stand first, with the name of their licence
 */
export function licenceTexts(folders) {
  /** @type {Map<string, { text: string, owners: string[] }>} */
  const byTerms = new Map();
  const without = [];
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const files = licenceFiles(folder);
    if (files.length === 0) without.push(`${name} ${version}: ${license}`);
    for (const file of files) {
      const { text, copyrights, key } = readLicence(join(root, folder, file));
      const terms = byTerms.get(key) ?? { text, owners: [] };
      byTerms.set(key, terms);
      terms.owners.push([`${name} ${version}`, ...copyrights.map((line) => `  ${line}`)].join('\n'));
    }
  }
  const texts = [...byTerms.values()].map(({ text, owners }) => `${owners.join('\n')}\n\n${text}\n`);
  return [...(without.length > 0 ? [`${without.join('\n')}\n`] : []), ...texts].join(RULE);
}
