// The list of packages in a bundle, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): every npm package whose code is in it, from
// esbuild's metafile, and every one of which files lie beside. The same bytes for the same bundle: no time, no random number.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Contrib, Enums, Models, Serialize, Spec } from '@cyclonedx/cyclonedx-library';
import parseSpdx from 'spdx-expression-parse';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** @import { Beside, Output } from './bundle.mjs' */

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/**
 * Folder of the npm package that a file is part of, from the root; null for our own files.
 * @type {(path: string) => string | null}
 */
export const packageFolder = (path) =>
  /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? null;

/**
 * Folders of the packages in a bundle, sorted.
 * @type {(outputs: ReadonlyMap<string, Output>, beside: readonly Pick<Beside, 'from'>[]) => string[]}
 */
export function packagesIn(outputs, beside) {
  const code = [...outputs.values()].flatMap((each) => Object.keys(each.inputs));
  const folders = [...code, ...beside.map(({ from }) => from)].map(packageFolder);
  return [...new Set(folders)].filter((each) => each !== null).sort();
}

const licences = new Contrib.License.Factories.LicenseFactory(parseSpdx);

/** @type {(folder: string, lock: Record<string, { integrity?: string }>) => Models.Component} */
function componentOf(folder, lock) {
  const { name, version, license } = readJson(join(folder, 'package.json'));
  const [, group, short = ''] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name) ?? [];
  const purl = `pkg:npm/${group ? `${encodeURIComponent(group)}/` : ''}${short}@${version}`;
  const component = new Models.Component(Enums.ComponentType.Library, short, {
    group,
    version,
    purl,
    bomRef: folder,
    licenses: new Models.LicenseRepository(
      typeof license === 'string' ? [licences.makeFromString(license)] : [],
    ),
  });
  const [, algorithm, base64 = ''] = /^(sha\d+)-(.+)$/.exec(lock[folder]?.integrity ?? '') ?? [];
  if (algorithm === 'sha512')
    component.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(base64, 'base64').toString('hex'));
  return component;
}

/**
 * @param {string} app its name
 * @param {ReadonlyMap<string, Output>} outputs what `reachableOutputs` gives
 * @param {readonly Pick<Beside, 'from'>[]} beside files beside the bundle
 * @returns {string} JSON
 */
export function createSbom(app, outputs, beside) {
  const { version, license } = readJson('package.json');
  const { packages } = readJson('package-lock.json');
  const product = new Models.Component(Enums.ComponentType.Application, `lucid-${app}`, {
    version,
    bomRef: `apps/${app}`,
    licenses: new Models.LicenseRepository([licences.makeFromString(license)]),
  });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: product }) });
  for (const folder of packagesIn(outputs, beside)) {
    const component = componentOf(folder, packages);
    bom.components.add(component);
    product.dependencies.add(component.bomRef);
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true });
}
