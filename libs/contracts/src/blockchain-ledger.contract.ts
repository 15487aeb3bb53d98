import { Type } from 'typebox';
import { blockOperations, chainErrors } from './blockchain-ledger-blocks.ts';
import { defineContract, octets } from './contract.ts';
import { EntryProof } from './ledger-schemas.ts';
import { Count, Hash } from './schemas.ts';

/** At most one entry of the ledger stands for a key; `session/SESSIONID` is the key of a session's registration. */
const EntryKey = Type.String({
  pattern: '^[A-Za-z0-9_./:-]{1,200}$',
  description: 'idempotency key, 1 to 200 of A-Z a-z 0-9 _ . / : -',
});

export const LedgerEntry = Type.Object({
  ...EntryProof.properties,
  entry: Type.String({ description: 'base64' }),
});

/** What C2SP tlog-tiles writes behind `tile/` or `tile/entries/`, slashes included. */
const TilePath = Type.Object({ '*': Type.String({ maxLength: 100 }) });

/** Full tiles never change; partial ones are sent as `no-store`. */
const forEver = 'public, max-age=31536000, immutable';

/** An entry of tlog-tiles has a length of two bytes. */
const entryBody = octets({ maxBytes: 65_535 });
const noteBytes = 65_536;

export const blockchainLedgerContract = defineContract({
  service: 'blockchain-ledger',
  version: '1.0.0',
  summary: 'The append-only verifiable log (C2SP tlog-tiles). The prefix of its tile paths is the base path.',
  basePath: '/api/v1',
  errors: {
    entry_conflict: { status: 409, title: 'The key stands for an entry with other bytes.' },
    not_in_log: { status: 404, title: 'The log does not hold that, or not yet.' },
    ledger_busy: { status: 503, title: 'Too many entries wait to become durable; try again at once.' },
    ledger_unavailable: { status: 503, title: 'The log cannot be used now, because its store failed.' },
    ledger_damaged: { status: 500, title: 'The store does not hold what the log signed.' },
    ledger_rolled_back: {
      status: 503,
      title: 'The store lacks what the log signed earlier; the log is stopped.',
    },
    cosignature_invalid: {
      status: 422,
      title: 'No valid cosignature of a configured witness over a checkpoint of this log.',
    },
    ...chainErrors,
  },
  operations: {
    appendEntry: {
      method: 'POST',
      path: '/entries',
      summary:
        'Adds an entry; answers when it, its tiles and the signed head are durable. Repeat only with a key.',
      callers: ['on-system-chain-client', 'session-orchestrator', 'operator'],
      query: Type.Object({ key: Type.Optional(EntryKey) }, { additionalProperties: false }),
      body: entryBody,
      response: EntryProof,
      errors: ['entry_conflict', 'ledger_busy', 'ledger_unavailable', 'ledger_damaged', 'ledger_rolled_back'],
      idempotent: false,
    },
    putEntry: {
      method: 'PUT',
      path: '/entries/by-key/:key',
      summary: 'Adds the one entry of a key, or answers it where it is there already with the same bytes.',
      callers: ['on-system-chain-client', 'session-orchestrator', 'operator'],
      params: Type.Object({ key: EntryKey }),
      body: entryBody,
      response: EntryProof,
      errors: ['entry_conflict', 'ledger_busy', 'ledger_unavailable', 'ledger_damaged', 'ledger_rolled_back'],
    },
    getEntryByKey: {
      method: 'GET',
      path: '/entries/by-key/:key',
      summary: 'The entry of a key with its proof in the newest tree.',
      callers: ['public'],
      params: Type.Object({ key: EntryKey }),
      response: LedgerEntry,
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    getEntryByIndex: {
      method: 'GET',
      path: '/entries/:index',
      summary: 'An entry with its proof in the newest tree.',
      callers: ['public'],
      params: Type.Object({ index: Count }),
      response: LedgerEntry,
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    getCheckpoint: {
      method: 'GET',
      path: '/checkpoint',
      summary: 'The newest durable checkpoint, with the cosignatures it has.',
      callers: ['public'],
      cacheControl: 'no-cache',
      response: octets({ maxBytes: noteBytes, mediaType: 'text/plain; charset=utf-8' }),
      errors: ['ledger_unavailable'],
    },
    getCosignedCheckpoint: {
      method: 'GET',
      path: '/checkpoint/cosigned',
      summary: 'The largest checkpoint that a witness cosigned.',
      callers: ['public'],
      response: octets({ maxBytes: noteBytes, mediaType: 'text/plain; charset=utf-8' }),
      errors: ['not_in_log', 'ledger_unavailable'],
    },
    addCosignature: {
      method: 'POST',
      path: '/cosignatures',
      summary:
        'A checkpoint of this log with its own signature and cosignatures of configured witnesses; answers it with all it has.',
      callers: ['public'],
      body: octets({ maxBytes: noteBytes, mediaType: 'text/plain' }),
      response: octets({ maxBytes: noteBytes, mediaType: 'text/plain; charset=utf-8' }),
      errors: ['cosignature_invalid', 'ledger_rolled_back', 'ledger_unavailable', 'ledger_damaged'],
      idempotent: true,
    },
    getEntries: {
      method: 'GET',
      path: '/tile/entries/*',
      summary: 'An entry bundle of tlog-tiles: N[.p/W].',
      callers: ['public'],
      params: TilePath,
      response: octets({ maxBytes: 256 * (2 + 65_535) }),
      cacheControl: forEver,
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    getTile: {
      method: 'GET',
      path: '/tile/*',
      summary: 'A tile of hashes of tlog-tiles: L/N[.p/W].',
      callers: ['public'],
      params: TilePath,
      response: octets({ maxBytes: 256 * 32 }),
      cacheControl: forEver,
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    inclusionProof: {
      method: 'GET',
      path: '/proofs/inclusion',
      summary:
        'RFC 9162 inclusion path of an entry in the tree of a size (default: the newest), lowest first.',
      callers: ['public'],
      query: Type.Object({ index: Count, size: Type.Optional(Count) }, { additionalProperties: false }),
      response: Type.Object({ index: Count, size: Count, proof: Type.Array(Hash) }),
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    consistencyProof: {
      method: 'GET',
      path: '/proofs/consistency',
      summary: 'RFC 9162 consistency proof between two sizes (default second: the newest).',
      callers: ['public'],
      query: Type.Object({ first: Count, second: Type.Optional(Count) }, { additionalProperties: false }),
      response: Type.Object({ first: Count, second: Count, proof: Type.Array(Hash) }),
      errors: ['not_in_log', 'ledger_unavailable', 'ledger_damaged'],
    },
    ...blockOperations,
  },
});
