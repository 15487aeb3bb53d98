// The health checker that lies in every image: docker/health.
import { join } from 'node:path';
import { root } from './download.mjs';
import { buildGoProgram } from './go-program.mjs';

/** @import { Arch } from './image.mjs' */

/**
 * @param {Arch} arch
 * @returns {string} path of a static `lucid-health`, at most 2.0 MB
 * @throws {import('./download.mjs').ImageError} where Go is not to be had
 */
export const buildHealthChecker = (arch) =>
  buildGoProgram({ name: 'lucid-health', folder: join(root, 'docker/health'), arch });
