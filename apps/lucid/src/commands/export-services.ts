/**
 * `lucid export ID --operator-key FILE`: the evidence of a session out of services that run each in a process of their own, whose chunk
 * store may keep no files (GridFS, S3). Record after record over the API, so memory is bounded by one.
 */
import { readFileSync } from 'node:fs';
import { assembleBundle, BundleError } from '@lucid/bundle';
import {
  type ContractSpec,
  merkleBuilderContract,
  onSystemChainClientContract,
  sessionEncryptorContract,
  sessionOrchestratorContract,
} from '@lucid/contracts';
import { isProblem, parseTarget, urlVariable } from '@lucid/service-kit';
import { type Manifest, parseDocument } from '@lucid/session-format';
import { type AppName, services } from '@lucid/topology';
import { CliError } from '../cli/cli-error.ts';
import type { Output } from '../cli/output.ts';
import { plainReason } from '../cli/plain-reason.ts';
import { toCliError } from '../cli/to-cli-error.ts';
import { type Connection, connectToServices } from '../host/host-connection.ts';
import type { OutputTarget } from './export-target.ts';
import { unfinishedText } from './open-target.ts';
import { resolveSessionId } from './session-id.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a service listens: as its variable says, else on this machine at its port. */
function targetOf(env: Environment, service: string) {
  const variable = urlVariable(service);
  const url = env[variable] || `http://127.0.0.1:${services[service as AppName].hostPort}`;
  try {
    return parseTarget(url);
  } catch (error) {
    throw new CliError('usage', `${variable}: give http://host:port or unix:/path.`, { cause: error });
  }
}

function readKey(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError('key_missing', `the operator's key ${path} cannot be read: ${plainReason(error)}.`, {
      cause: error,
    });
  }
}

/** Call `close` when done. @throws CliError key_missing */
export function connectAsOperator(env: Environment, keyPath: string): Connection {
  const key = readKey(keyPath);
  try {
    return connectToServices(key, (service) => targetOf(env, service));
  } catch (error) {
    throw new CliError('key_missing', `${keyPath} is no service key (PKCS #8 PEM, Ed25519).`, {
      cause: error,
    });
  }
}

/** No service answered. */
export const isAway = (error: unknown): boolean => isProblem(error, 'unavailable', 'deadline_exceeded');

/** As `toCliError`, for services that no host of this machine runs. */
export function toServicesError(error: unknown): unknown {
  if (!isAway(error)) return toCliError(error);
  return new CliError(
    'host_failed',
    'a service did not answer. SESSION_ORCHESTRATOR_URL, SESSION_ENCRYPTOR_URL, MERKLE_BUILDER_URL and ON_SYSTEM_CHAIN_CLIENT_URL say where they are; without them they are looked for on this machine.',
    { cause: error },
  );
}

export interface FinishedSession {
  readonly sessionId: string;
  readonly manifestHash?: string | undefined;
  readonly anchored: boolean;
}

/** @throws CliError not_finished, session_unknown */
export async function findFinished(services: Connection, text: string): Promise<FinishedSession> {
  const sessionId = await resolveSessionId(services, text);
  const session = await services.clientOf(sessionOrchestratorContract).getSession({ params: { sessionId } });
  if (session.state !== 'completed') throw new CliError('not_finished', unfinishedText(session));
  return session;
}

function readManifest(bytes: Uint8Array): Manifest {
  const parsed = parseDocument('manifest', bytes);
  if (parsed.ok) return parsed.value;
  throw new CliError('session_failed', `the manifest of the session cannot be read: ${parsed.detail}.`);
}

/** Everything but the records. */
async function documentsOf(services: Connection, { sessionId, anchored }: FinishedSession) {
  const get = <const C extends ContractSpec>(contract: C) => services.clientOf(contract);
  const params = { sessionId };
  const kept = anchored ? await get(onSystemChainClientContract).getAnchor({ params }) : null;
  const anchor = kept?.anchor ?? kept?.chainAnchor;
  return {
    sessionId,
    manifest: readManifest(await get(sessionOrchestratorContract).getManifest({ params })),
    checkpoint: Buffer.from(await get(merkleBuilderContract).getCheckpoint({ params })).toString('utf8'),
    recipients: await get(sessionEncryptorContract).getRecipients({ params }),
    ...(anchor ? { anchor } : {}),
  };
}

/** Writes the bundle and says how long it is. @throws CliError verification_failed where the records are not those of the manifest */
export async function exportFromServices(
  services: Connection,
  session: FinishedSession,
  { target, output }: { readonly target: OutputTarget; readonly output: Output },
): Promise<number> {
  const documents = await documentsOf(services, session);
  const { manifest, sessionId } = documents;
  const encryptor = services.clientOf(sessionEncryptorContract);
  const progress = output.progress('exporting', manifest.storedBytes);
  let doneBytes = 0;
  async function* records(): AsyncIterable<Uint8Array> {
    for (let index = 0; index < manifest.treeSize; index++)
      yield await encryptor.getRecord({ params: { sessionId, index } });
  }
  const sink = {
    async write(bytes: Uint8Array) {
      await target.write(bytes);
      doneBytes += bytes.length;
      progress.update(doneBytes);
    },
  };
  try {
    return (await assembleBundle({ ...documents, source: { records } }, sink)).sizeBytes;
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    throw new CliError('verification_failed', error.message, { cause: error });
  } finally {
    progress.end();
  }
}
