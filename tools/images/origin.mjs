// Where the lower layers of an image come from: pulled by digest where the registry answers, assembled where none does.
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readLock } from './base-lock.mjs';
import { docker, findImage, saveImage } from './daemon.mjs';
import { cacheFolder, ImageError, keep } from './download.mjs';
import { cachedImage } from './image-cache.mjs';

/** @import { Variant } from './distroless.mjs' */
/** @import { Arch, Image } from './image.mjs' */

/**
 * @typedef {object} Origin
 * @property {string} reference for FROM
 * @property {string} label what the image says of it
 * @property {Image} [pulled] absent: it is assembled here
 */

/** A registry that does not answer in this time is not there. */
const PROBE_MS = 2_500;

/** For this long one that did not answer is not asked again. */
const SILENT_MS = 600_000;

/**
 * The environment's `BASE_IMAGE` decides: `assembled`, or a reference that must be to be had; unset: the pinned one of
 * packages.json where its registry answers.
 * @param {Variant} variant
 * @param {Arch} arch
 * @returns {Promise<Origin>}
 * @throws {ImageError} where the reference that was asked for is not to be had
 */
export async function originOf(variant, arch) {
  const { release, node, upstream } = readLock();
  const asked = process.env.BASE_IMAGE;
  // Upstream has no slim variant, and programs are linked against what is in the lock.
  if (variant !== 'node' || asked === 'assembled')
    return {
      reference: `assembled-${variant}`,
      label: `assembled from Debian ${release}${variant === 'program' ? '' : ` and Node ${node}`}`,
    };
  const reference = asked || upstream;
  const pulled = await pulledImage(reference, arch);
  if (pulled) return { reference, label: reference, pulled };
  if (asked)
    throw new ImageError(
      `BASE_IMAGE ${asked} is not here for ${arch} and cannot be pulled; BASE_IMAGE=assembled needs no registry`,
    );
  return { reference: 'assembled-node', label: `assembled from Debian ${release} and Node ${node}` };
}

/**
 * An image of a registry, or null. One that is named by its digest is fetched once; a name may come to mean another image, so the
 * daemon is asked each time.
 * @type {(reference: string, arch: Arch) => Promise<Image | null>}
 */
async function pulledImage(reference, arch) {
  const kept = (/** @type {string} */ name, /** @type {() => Promise<Image | null>} */ make) =>
    cachedImage(createHash('sha256').update(`pulled ${name} ${arch}`).digest('hex'), make);
  const fetched = async () => {
    const id = await pull(reference, arch);
    return id === null ? null : kept(id, () => saveImage(id));
  };
  return reference.includes('@sha256:') ? kept(reference, fetched) : fetched();
}

/** The daemon's id of an image, pulled if need be, or null. @type {(reference: string, arch: Arch) => Promise<string | null>} */
export async function pull(reference, arch) {
  const here = findImage(reference);
  if (here?.arch === arch) return here.id;
  if (!(await answers(hostOf(reference)))) return null;
  console.error(`pulling ${reference} for ${arch}`);
  // The daemon gives a name with a digest to the image of one architecture, and then to no other.
  if (here && reference.includes('@sha256:')) docker(['image', 'rm', reference]);
  const { ok, err } = docker(['pull', '--quiet', '--platform', `linux/${arch}`, reference]);
  if (!ok) console.error(`it cannot be pulled: ${err.split('\n').at(-1)}`);
  const got = ok ? findImage(reference) : null;
  return got?.arch === arch ? got.id : null;
}

/** The registry's host and port. @type {(reference: string) => string} */
export function hostOf(reference) {
  const [first = '', ...rest] = reference.split('/');
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : 'registry-1.docker.io';
}

/** @type {(host: string) => Promise<boolean>} */
async function answers(host) {
  const silent = join(cacheFolder, 'silent', host.replace(':', '_'));
  if (existsSync(silent) && Date.now() - statSync(silent).mtimeMs < SILENT_MS) return false;
  const scheme = /^(localhost|127\.)/.test(host) ? 'http' : 'https';
  try {
    // Any answer will do, 401 too: Docker has the credentials.
    await fetch(`${scheme}://${host}/v2/`, { signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    keep(silent, '');
    return false;
  }
}
