// All rules over images: what lies in their layers, what their configuration says, how large they are, what a container of each can do.
import { baseNames, baseReference, registry, sharedName } from '../base.mjs';
import { findImage } from '../daemon.mjs';
import { readImages } from './archive.mjs';
import { startCompanions } from './companions.mjs';
import { judgeConfiguration } from './configuration.mjs';
import { judgeFiles } from './files.mjs';
import { noGrants, readGrants } from './grants.mjs';
import { judgeRunning, SHELLS, STRANGERS } from './running.mjs';
import {
  budgetOf,
  bytesOnDisk,
  judgeSizes,
  keepPackedSize,
  megabytes,
  packedSize,
  sizesOf,
  sum,
  TOTAL_MB,
} from './sizes.mjs';

/** @import { Service } from '../../../libs/topology/src/service.ts' */
/** @import { SavedImage } from './archive.mjs' */
/** @import { Fault } from './files.mjs' */
/** @import { Sizes } from './sizes.mjs' */

/**
 * @typedef {object} Candidate
 * @property {string} reference of an image that the daemon has
 * @property {string} [name] of the service; default: what its label says
 */

/**
 * @typedef {object} Verdict
 * @property {string} reference
 * @property {string} name of the service, or the reference
 * @property {Sizes} sizes
 * @property {Fault[]} faults none: it is as it must be
 * @property {string} [note]
 */

/**
 * @param {readonly Candidate[]} candidates
 * @param {object} options
 * @param {Record<string, Service>} options.services of the topology
 * @param {boolean} [options.run] also runs a container of each; default: true
 * @param {boolean} [options.packed] also tells sizes as a registry keeps them
 * @param {number} [options.healthyMs] for how long a check of health may not be content; default: 60 s
 * @returns {Promise<{ verdicts: Verdict[], totalBytes: number, faults: Fault[] }>} `faults`: of all together
 */
export async function judgeImages(candidates, { services, run = true, packed = false, healthyMs }) {
  const see = packed ? keepPackedSize : undefined;
  const images = await readImages(
    candidates.map(({ reference }) => reference),
    see,
  );
  const known = images.map((image, index) => {
    const name = candidates[index]?.name ?? image.configuration.config.Labels?.['org.lucid.service'];
    return {
      image,
      name: name ?? image.reference,
      row: name ? services[name] : undefined,
      ...belowOf(image, name),
    };
  });
  const running = run ? await runAll(known, services, healthyMs) : known.map(() => []);
  const verdicts = known.map((each, index) => verdictOn(each, running[index] ?? [], packed));
  const ours = known.filter(({ official }) => !official).map(({ image }) => image.layers);
  return { verdicts, ...judgeTotal(ours) };
}

/** Faults of each as a container. @type {(known: readonly Known[], services: Record<string, Service>, healthyMs?: number) => Promise<Fault[][]>} */
async function runAll(known, services, healthyMs) {
  const { grantsOf, remove } = readGrants();
  /** @type {import('./companions.mjs').Companions | null} */
  let companions = null;
  try {
    const names = known.filter(({ row }) => row).map(({ name }) => name);
    companions = await startCompanions(names, {
      services,
      grantsOf,
      referenceOf: (name) => `${registry}:${name}`,
    });
    const faults = [];
    for (const each of known) {
      const { image, name, row } = each;
      faults.push(
        await judgeRunning(image.reference, row ? grantsOf(name) : noGrants, {
          check: image.configuration.config.Healthcheck?.Test,
          strangers: strangersOf(each),
          healthyMs,
          ...(row?.after?.length && companions ? { network: companions.network } : {}),
        }),
      );
    }
    return faults;
  } finally {
    companions?.stop();
    remove();
  }
}

/**
 * @typedef {object} Known
 * @property {SavedImage} image
 * @property {string} name
 * @property {Service | undefined} row
 * @property {number} lowerCount layers of what it stands on
 * @property {string | null} official reference of the image of others that it stands on
 */

/** What must not run in it; the official image's own programs are its makers'. @type {(known: Known) => readonly string[]} */
function strangersOf({ row, official }) {
  if (official) return [];
  return row?.image?.kind === 'development' ? STRANGERS.filter((each) => !SHELLS.includes(each)) : STRANGERS;
}

/** What an image stands on: a base of ours, or for `mongodb` the official image. @type {(image: SavedImage, name: string | undefined) => Pick<Known, 'lowerCount' | 'official'>} */
function belowOf({ configuration, layers }, name) {
  const upstream = configuration.config.Labels?.['org.lucid.mongodb'];
  const official = name === 'mongodb' && upstream ? upstream : null;
  const shared = (/** @type {string} */ reference) => {
    const lower = findImage(reference)?.layers ?? [];
    const differs = layers.findIndex(({ diffId }, index) => lower[index] !== diffId);
    return differs < 0 ? layers.length : differs;
  };
  const onOfficial = official ? shared(official) : 0;
  if (onOfficial > 0) return { lowerCount: onOfficial, official };
  const lowers = [...baseNames.map(baseReference), baseReference(sharedName)].map(shared);
  return { lowerCount: Math.max(0, ...lowers), official: null };
}

/** @type {(known: Known, running: readonly Fault[], packed: boolean) => Verdict} */
function verdictOn({ image, name, row, lowerCount, official }, running, packed) {
  const { reference, layers } = image;
  const sizes = sizesOf(layers, lowerCount);
  if (packed) {
    sizes.wholePacked = sum(layers.map(({ diffId }) => packedSize(diffId)));
    sizes.ownPacked = sum(layers.slice(lowerCount).map(({ diffId }) => packedSize(diffId)));
  }
  const judged = official ? layers.slice(lowerCount) : layers;
  const faults = [
    ...judgeFiles(judged, { development: row?.image?.kind === 'development' }),
    ...judgeConfiguration(image, row),
    ...(official ? [] : judgeSizes(sizes, budgetOf(row))),
    ...running,
  ];
  const note = official
    ? `the layers of ${official} are its makers': they hold a shell and are not judged`
    : undefined;
  return { reference, name, sizes, faults, ...(note ? { note } : {}) };
}

/** @type {(images: Parameters<typeof bytesOnDisk>[0]) => { totalBytes: number, faults: Fault[] }} */
function judgeTotal(images) {
  const totalBytes = bytesOnDisk(images);
  const tooMuch = totalBytes > TOTAL_MB * 1e6;
  const what = `together they take ${megabytes(totalBytes)} MB, more than ${TOTAL_MB}`;
  return { totalBytes, faults: tooMuch ? [{ rule: 'total-size', what }] : [] };
}
