// The image of `mongodb`: the official mongo:7 with our checker where a registry has it, FerretDB elsewhere. MONGO_IMAGE decides:
// `stand-in`, or a reference that must be to be had; unset: mongo:7 where it is here or its registry answers.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseOf, baseReference } from './base.mjs';
import { saveImage } from './daemon.mjs';
import { ImageError, root } from './download.mjs';
import { file } from './entries.mjs';
import { buildGoProgram } from './go-program.mjs';
import { buildHealthChecker } from './health-checker.mjs';
import { assembleImage } from './image.mjs';
import { pull } from './origin.mjs';
import { programArguments, stage } from './programs.mjs';

/** @import { Arch } from './image.mjs' */
/** @import { Built } from './programs.mjs' */

const OFFICIAL = 'mongo:7';
const FERRETDB = join(root, 'tools/ferretdb');

/** @type {(arch: Arch) => Promise<Built>} */
export async function buildMongodb(arch) {
  const asked = process.env.MONGO_IMAGE;
  if (asked === 'stand-in') return buildStandIn(arch);
  const reference = asked || OFFICIAL;
  const pulled = await pull(reference, arch);
  if (pulled) return buildOfficial(reference, pulled, arch);
  if (asked)
    throw new ImageError(
      `MONGO_IMAGE ${asked} is not here for ${arch} and cannot be pulled; MONGO_IMAGE=stand-in needs no registry`,
    );
  return buildStandIn(arch);
}

/** @type {(reference: string, id: string, arch: Arch) => Promise<Built>} */
async function buildOfficial(reference, id, arch) {
  stage('mongodb', arch, { db: '0755' }, [
    file('usr/bin/lucid-health', readFileSync(buildHealthChecker(arch)), { mode: 0o755 }),
  ]);
  const image = await assembleImage({
    dockerfile: 'docker/mongodb.Dockerfile',
    arch,
    args: { BASE: reference, ...programArguments(reference) },
    baseOf: () => saveImage(id),
  });
  return { image };
}

/** What go.mod says. */
function ferretVersion() {
  const [, version] =
    /github\.com\/FerretDB\/FerretDB v(\S+)/.exec(readFileSync(join(FERRETDB, 'go.mod'), 'utf8')) ?? [];
  return version;
}

/** @type {(arch: Arch) => Promise<Built>} */
async function buildStandIn(arch) {
  const program = buildGoProgram({ name: 'ferretdb', folder: FERRETDB, arch });
  stage('mongodb', arch, { 'data/db': '0755' }, [
    file('usr/bin/ferretdb', readFileSync(program), { mode: 0o755 }),
  ]);
  const base = 'base-program';
  const image = await assembleImage({
    dockerfile: 'docker/mongodb/stand-in.Dockerfile',
    arch,
    args: { BASE: baseReference(base), ...programArguments(`ferretdb-${ferretVersion()}`) },
    baseOf,
  });
  return {
    image,
    base,
    note: `it is FerretDB ${ferretVersion()}, a stand-in: ${OFFICIAL} cannot be pulled here`,
  };
}
