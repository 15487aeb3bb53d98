// node tools/images/sizes.mjs: what images were to reach and what they reach, in MB of 10^6 bytes, from the daemon: unpacked is
// `docker image inspect`'s Size, packed is what a registry keeps (gzip -6), own is what an image adds to its base.
import { parseArgs } from 'node:util';
import { loadTopology } from '../topology/load.mjs';
import { baseReference, serviceBase, sharedName } from './base.mjs';
import { chooseImages, tagsOf } from './catalogue.mjs';
import { judgeImages } from './check/judge.mjs';
import { BUDGETS, megabytes, TOTAL_MB } from './check/sizes.mjs';
import { firstImages, formatTable } from './check/table.mjs';
import { docker, findImage } from './daemon.mjs';
import { ImageError } from './download.mjs';

/** @import { Service } from '../../libs/topology/src/service.ts' */
/** @import { Verdict } from './check/judge.mjs' */

/** @type {(reference: string) => number} */
const unpackedBytes = (reference) =>
  Number(docker(['image', 'inspect', '--format', '{{.Size}}', reference]).out);

/** @type {(verdict: Verdict | undefined) => string} */
const packedAndUnpacked = (verdict) =>
  verdict
    ? `${megabytes(verdict.sizes.wholePacked ?? 0)} / ${megabytes(unpackedBytes(verdict.reference))}`
    : 'not built';

/** What it adds to the base. */
function sharedSize() {
  const shared = unpackedBytes(baseReference(sharedName));
  const base = unpackedBytes(baseReference(serviceBase()));
  return shared && base ? megabytes(shared - base) : 'not built';
}

/** The largest own layer. @type {(verdicts: readonly Verdict[]) => string} */
function largest(verdicts) {
  const [top] = [...verdicts].sort((a, b) => b.sizes.own - a.sizes.own);
  return top ? `${megabytes(top.sizes.own)} (${top.name}, of ${verdicts.length})` : 'not built';
}

/** @type {(verdicts: readonly Verdict[], totalBytes: number, services: Record<string, Service>) => string[][]} */
function goalRows(verdicts, totalBytes, services) {
  const of = (/** @type {string} */ name) =>
    verdicts.find((each) => each.name === name || each.reference === name);
  const nodes = (/** @type {boolean} */ native) =>
    verdicts.filter(({ name }) => {
      const image = services[name]?.image;
      return image?.kind === 'node' && Boolean(image.native) === native;
    });
  const whole = (/** @type {string} */ name) => {
    const verdict = of(name);
    return verdict ? megabytes(unpackedBytes(verdict.reference)) : 'not built';
  };
  return [
    ['base, packed / unpacked', packedAndUnpacked(of(baseReference('base'))), '46 / 125', '-'],
    ['slim base, packed / unpacked', packedAndUnpacked(of(baseReference('base-slim'))), '40 / 110', '-'],
    ['what all services share', sharedSize(), '-', '-'],
    [
      "a service's own layer, the largest",
      largest(nodes(false)),
      `${BUDGETS.node.ownMb}`,
      'images of 187 to 973',
    ],
    ['the same, with a native engine', largest(nodes(true)), `${BUDGETS.native.ownMb}`, '251 to 455'],
    [
      `all ${verdicts.length} images on one disk`,
      megabytes(totalBytes),
      `${TOTAL_MB}`,
      `${firstImages.totalMb} for 27`,
    ],
    ['tor-proxy', whole('tor-proxy'), `${BUDGETS.program.wholeMb}`, String(firstImages.images['tor-proxy'])],
    ['redis', whole('redis'), `${BUDGETS.program.wholeMb}`, '-'],
  ];
}

try {
  parseArgs({ options: {} });
  const { services } = await loadTopology();
  const bases = /** @type {const} */ (['base', 'base-slim', 'base-program', sharedName]).map(baseReference);
  const names = [...chooseImages(['services', 'programs']), 'infrastructure-dev'].map(
    (name) => tagsOf(name)[0],
  );
  const here = [...bases, ...names].filter(findImage);
  if (here.length === 0) throw new ImageError('no image is built yet; run: npx nx run-many -t docker-build');
  const { verdicts } = await judgeImages(
    here.map((reference) => ({ reference })),
    { services, run: false, packed: true },
  );
  // The slim base is another choice of the same, not one more.
  const used = here.filter((reference) => reference !== baseReference('base-slim'));
  const { totalBytes } = await judgeImages(
    used.map((reference) => ({ reference })),
    { services, run: false },
  );
  process.stdout.write(
    formatTable(['MB', 'here', 'at most', 'first images'], goalRows(verdicts, totalBytes, services)),
  );
} catch (error) {
  if (!(error instanceof ImageError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
