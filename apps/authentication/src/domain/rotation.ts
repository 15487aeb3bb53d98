/** Replaces signing keys, when they are old and when somebody says so. */
import type { SigningKeyRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import type { SigningKeys } from './signing-keys.ts';

export class Rotation {
  readonly #keys: SigningKeys;
  readonly #audit: AuditLog;

  constructor(options: { readonly keys: SigningKeys; readonly audit: AuditLog }) {
    this.#keys = options.keys;
    this.#audit = options.audit;
  }

  async rotate(by: string): Promise<SigningKeyRow> {
    const { row, made } = await this.#keys.rotate();
    if (made) await this.#audit.add({ event: 'key_rotated', by, detail: { kid: row.kid } });
    return row;
  }

  /** Hears of other instances' keys, makes the next where it is time, and takes old ones down. */
  async keep(): Promise<void> {
    await this.#keys.reload();
    if (this.#keys.isDue) await this.rotate('service');
    await this.#keys.sweep();
  }
}
