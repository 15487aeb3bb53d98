/**
 * What the compiler is made of. In a bundle it lies beside it (`solc/`, `openzeppelin/`, see `lucid.assets` in package.json); run from
 * sources it is what the packages publish.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CompilerFiles {
  /** The compiler: a script with WebAssembly in it. */
  readonly soljson: string;
  /** Folder of what `@openzeppelin/contracts/` names. */
  readonly openZeppelin: string;
}

export function compilerFiles(): CompilerFiles {
  const here = dirname(fileURLToPath(import.meta.url));
  if (existsSync(join(here, 'solc/soljson.js')))
    return { soljson: join(here, 'solc/soljson.js'), openZeppelin: join(here, 'openzeppelin') };
  const { resolve } = createRequire(import.meta.url);
  return {
    soljson: resolve('solc/soljson.js'),
    openZeppelin: dirname(resolve('@openzeppelin/contracts/package.json')),
  };
}
