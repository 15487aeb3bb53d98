/** Where this program was built: the repository, whose compose folder and tools it uses. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** From dist/apps/lucid. */
export const checkout = (): string => join(dirname(fileURLToPath(import.meta.url)), '../../..');
