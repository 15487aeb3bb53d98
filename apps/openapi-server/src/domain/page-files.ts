/**
 * The files of the page, read once at the start. In a bundle they lie beside it (`openapi-docs/`, see `lucid.assets` in
 * package.json), in an image large ones as gzip; run from sources they are this package's `assets/` and what Swagger UI publishes.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzip as gunzipWithCallback } from 'node:zlib';

const gunzip = promisify(gunzipWithCallback);

export interface PageFiles {
  readonly page: Uint8Array;
  readonly script: Uint8Array;
  readonly style: Uint8Array;
  readonly swaggerScript: Uint8Array;
  readonly swaggerStyle: Uint8Array;
  readonly swaggerIcon: Uint8Array;
  /** Of Swagger UI, its notice, and the licences of what its script contains. */
  readonly licence: Uint8Array;
}

/** @throws Error where one is missing */
export async function openPageFiles(): Promise<PageFiles> {
  const folders = pageFolders();
  const read = async (name: string): Promise<Uint8Array> => {
    const paths = folders.flatMap((each) => [join(each, name), join(each, `${name}.gz`)]);
    const path = paths.find((each) => existsSync(each));
    if (!path) throw new Error(`the page's file ${name} is missing: build this service again`);
    const bytes = await readFile(path);
    return path.endsWith('.gz') ? gunzip(bytes) : bytes;
  };
  const licences = await Promise.all(['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt'].map(read));
  return {
    page: await read('page.html'),
    script: await read('page.js'),
    style: await read('page.css'),
    swaggerScript: await read('swagger-ui-bundle.js'),
    swaggerStyle: await read('swagger-ui.css'),
    swaggerIcon: await read('favicon-32x32.png'),
    licence: Buffer.concat(licences.flatMap((each) => [each, Buffer.from('\n')])),
  };
}

function pageFolders(): readonly string[] {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, 'openapi-docs');
  if (existsSync(beside)) return [beside];
  const swagger = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  return [join(here, '../../assets'), dirname(swagger)];
}
