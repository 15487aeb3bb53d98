/**
 * In which order collections are read. Services write while a dump reads, and without a replica set MongoDB gives no view of one
 * moment; but they write so that a kill between two writes leaves what they go on from: first what is pointed to, then what
 * points to it. A dump that reads the other way round, first what points, then what is pointed to, therefore holds at worst
 * what a kill would have left: everything that a document in it points to was written before that document was read, and is
 * read after it. A restore puts collections in place in the opposite order, for the same reason.
 */

/** Of each service, what points before what is pointed to. */
const ORDER = [
  // Says which indexes all documents of a collection are entered in: an older claim is made good when it is opened, a newer one not.
  '_indexes',
  // api-server, session-api: lists and answers point to sessions, those to owners' policies.
  'app-answers',
  'session-idempotency',
  'session-owners',
  'user-session-members',
  'user-session-decisions',
  'user-sessions',
  'own-policies',
  // session-recorder, session-orchestrator: a session's row is written behind its evidence.
  'recorder-recordings',
  'sessions',
  'session-evidence',
  'session-anchorings',
  // on-system-chain-client: signed transactions and memberships point to batches.
  'chain-outbox',
  'registration-members',
  'registration-batches',
  // blockchain-governance: what is relayed is written before it is signed.
  'governance-relays',
  // session-encryptor: a head counts records that are stored, and leaves that merkle-builder has.
  'encryptor-sessions',
  'encryptor-recipients',
  // merkle-builder: a tree's row is written behind its tiles.
  'merkle-trees',
  'merkle-tiles',
  // GridFS: a file's entry is written behind its pieces.
  'evidence.files',
  'evidence.chunks',
  // authentication: logins, tokens and devices point to users, tokens to keys; a revocation is written before its login goes.
  'auth-challenges',
  'auth-logins',
  'auth-api-tokens',
  'auth-hardware-wallets',
  'auth-first-admin',
  'auth-users',
  'auth-signing-keys',
  'auth-revocations',
  // The audit log: anchors say how long it was; entries go only after the cut that vouches for them is written.
  'auth-audit-anchors',
  'auth-audit',
  'auth-audit-cut',
  // blockchain-sessions-data: the cursor says that all events up to it are there.
  'chain-session-cursor',
  'chain-session-events',
  // blockchain-governance: likewise.
  'governance-cursor',
  'governance-events',
  // deployment-orchestrator: runs point to plans, and to what contract-deployment does for them.
  'deployment-runs',
  'deployment-plans',
  // contract-deployment: a record is written before its transaction is signed, and is what it is looked up by.
  'contract-transactions',
  'contract-deployments',
  'deployment-reservations',
  'contract-artifacts',
  'leases',
];

const PLACES = new Map(ORDER.map((name, at) => [name, at]));
const isPieces = (name: string): boolean => name.endsWith('.chunks');

/** Collections that are not known come last, by name; of GridFS the entries before their pieces. */
export function inDumpOrder<T extends { readonly name: string }>(collections: readonly T[]): readonly T[] {
  const placeOf = ({ name }: T) => PLACES.get(name) ?? ORDER.length + (isPieces(name) ? 1 : 0);
  return [...collections].sort((a, b) => placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1));
}

export const isKnownCollection = (name: string): boolean => PLACES.has(name);
