/**
 * Leases over compare-and-set, once for all adapters. The record of a lease stays after its release, because it carries the fencing
 * number. A holder whose clock runs behind may believe in a lease that is over: what it protects must compare tokens.
 */
import { defineCollection } from './definition.ts';
import type { Collection, Lease, Stored } from './document-store.ts';
import { isDocumentStoreError } from './errors.ts';

interface LeaseRecord {
  name: string;
  /** Null when released. */
  holder: string | null;
  token: number;
  expiresAtMs: number;
}

export const leaseCollection = defineCollection<LeaseRecord>({
  name: 'leases',
  key: (record) => record.name,
  indexes: [],
});

export interface LeaseKeeper {
  acquire(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  renew(lease: Lease, ttlMs: number): Promise<Lease | null>;
  release(lease: Lease): Promise<boolean>;
}

/** False when somebody else was faster. */
async function won(write: Promise<number>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch (error) {
    if (isDocumentStoreError(error, 'version_conflict') || isDocumentStoreError(error, 'duplicate_key'))
      return false;
    throw error;
  }
}

export function createLeaseKeeper(leases: Collection<LeaseRecord>, nowMs: () => number): LeaseKeeper {
  const held = async (lease: Lease): Promise<Stored<LeaseRecord> | null> => {
    const found = await leases.get(lease.name);
    return found?.document.token === lease.token && found.document.holder === lease.holder ? found : null;
  };
  return {
    async acquire(name, holder, ttlMs) {
      const found = await leases.get(name);
      const now = nowMs();
      if (found && found.document.holder !== null && found.document.expiresAtMs > now) return null;
      const lease = { name, holder, token: (found?.document.token ?? 0) + 1, expiresAtMs: now + ttlMs };
      const write = found ? leases.replace(lease, found.version) : leases.insert(lease);
      return (await won(write)) ? lease : null;
    },
    async renew(lease, ttlMs) {
      const found = await held(lease);
      if (!found) return null;
      const renewed = { ...found.document, holder: lease.holder, expiresAtMs: nowMs() + ttlMs };
      return (await won(leases.replace(renewed, found.version))) ? renewed : null;
    },
    async release(lease) {
      const found = await held(lease);
      return found !== null && won(leases.replace({ ...found.document, holder: null }, found.version));
    },
  };
}
