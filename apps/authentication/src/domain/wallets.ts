/** Devices that sign for an address: what its owner says of them; the signature is the address's own. */
import { isDocumentStoreError } from '@lucid/document-store';
import type { Clock } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { Device, Tables, WalletRow } from '../store/rows.ts';
import type { AuditLog } from './audit-log.ts';
import { newShownId } from './shown-id.ts';

const MOST_WALLETS = 32;

interface WalletsOptions {
  readonly tables: Tables;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: (sizeBytes: number) => Uint8Array;
}

export class Wallets {
  readonly #options: WalletsOptions;

  constructor(options: WalletsOptions) {
    this.#options = options;
  }

  /** @throws ProblemError wallet_exists, limit_reached */
  async add(address: string, { type, id }: Device): Promise<WalletRow> {
    const { tables, audit, clock, random } = this.#options;
    if ((await this.list(address)).length >= MOST_WALLETS) throw problem('limit_reached');
    const walletId = newShownId(random);
    const row: WalletRow = { walletId, address, type, deviceId: id, createdAtMs: clock.nowMs() };
    try {
      await tables.wallets.insert(row);
    } catch (error) {
      if (!isDocumentStoreError(error, 'duplicate_key')) throw error;
      throw problem('wallet_exists', { cause: error });
    }
    await audit.add({ event: 'wallet_added', by: address, detail: { walletId, type } });
    return row;
  }

  async list(address: string): Promise<WalletRow[]> {
    const found = await this.#options.tables.wallets.find({
      index: 'address',
      equals: [address],
      limit: 1_000,
    });
    return found.items.map(({ document }) => document);
  }

  /** @throws ProblemError wallet_unknown where it is not one of the account's */
  async remove(address: string, walletId: string): Promise<void> {
    const { tables, audit } = this.#options;
    const stored = await tables.wallets.get(walletId);
    if (stored?.document.address !== address || !(await tables.wallets.remove(walletId)))
      throw problem('wallet_unknown');
    await audit.add({ event: 'wallet_removed', by: address, detail: { walletId } });
  }

  /** At a sign-in with a device that is entered. */
  async used(address: string, { type, id }: Device): Promise<void> {
    const { wallets } = this.#options.tables;
    const { items } = await wallets.find({ index: 'device', equals: [address, type, id], limit: 1 });
    const [stored] = items;
    if (!stored) return;
    const row = { ...stored.document, lastUsedAtMs: this.#options.clock.nowMs() };
    await wallets.replace(row, stored.version).catch((error: unknown) => {
      // Used twice at the same moment, or removed: nothing is lost.
      if (!isDocumentStoreError(error, 'version_conflict')) throw error;
    });
  }
}
