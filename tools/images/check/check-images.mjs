// node tools/images/check/check-images.mjs [--no-run] [--packed] [IMAGE …]: judges images that the daemon has; default: one of each
// service that the topology names and that exists. Prints sizes, and a line for each fault; ends with 1 where there is one.
// IMAGE: a reference, as pickme/lucid:redis; which service it is of is told by its label org.lucid.service.
// --no-run: starts no containers. --packed: sizes in a registry too (the first time some 10 s).
import { parseArgs } from 'node:util';
import { loadTopology } from '../../topology/load.mjs';
import { chooseImages, tagsOf } from '../catalogue.mjs';
import { findImage } from '../daemon.mjs';
import { ImageError } from '../download.mjs';
import { judgeImages } from './judge.mjs';
import { countOf, sizeTable } from './table.mjs';

/** @import { Service } from '../../../libs/topology/src/service.ts' */

/** @type {(given: readonly string[], services: object) => { reference: string, name?: string }[]} */
function candidatesOf(given, services) {
  if (given.length > 0) return given.map((reference) => ({ reference: withTag(reference) }));
  const names = Object.keys(services).filter((name) => chosen().has(name));
  return names.map((name) => ({ name, reference: tagsOf(name)[0] }));
}

const chosen = () => new Set([...chooseImages(['services', 'programs']), 'infrastructure-dev']);

/** The container for development, which few need; CI judges it too. @type {(name: string | undefined, services: Record<string, Service>) => boolean} */
const mayBeMissing = (name, services) =>
  !process.env.CI && name !== undefined && services[name]?.image?.kind === 'development';

/** @type {(reference: string) => string} */
const withTag = (reference) => (/:[^/]+$/.test(reference) ? reference : `${reference}:latest`);

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { 'no-run': { type: 'boolean', default: false }, packed: { type: 'boolean', default: false } },
  });
  const { services } = await loadTopology();
  const candidates = candidatesOf(positionals, services);
  const missing = candidates.filter(
    ({ reference, name }) => !findImage(reference) && !mayBeMissing(name, services),
  );
  if (missing.length > 0)
    throw new ImageError(
      `not built yet: ${missing.map(({ reference }) => reference).join(', ')}; run: npx nx run-many -t docker-build`,
    );
  const here = candidates.filter(({ reference }) => findImage(reference));
  for (const each of candidates.filter((one) => !here.includes(one)))
    console.log(`${each.reference} is not judged: it is not built, and made only when it is named`);
  const judged = await judgeImages(here, { services, run: !values['no-run'], packed: values.packed });
  process.stdout.write(sizeTable(judged));
  const lines = [
    ...judged.verdicts.flatMap(({ reference, faults }) =>
      faults.map(({ rule, what }) => `${reference}: ${rule}: ${what}`),
    ),
    ...judged.faults.map(({ rule, what }) => `all images: ${rule}: ${what}`),
  ];
  for (const line of lines) console.error(line);
  const much = countOf(here.length, 'image');
  console.log(
    lines.length === 0 ? `${much}: no faults` : `${much}: ${countOf(lines.length, 'fault')}, see above`,
  );
  process.exitCode = lines.length === 0 ? 0 : 1;
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
