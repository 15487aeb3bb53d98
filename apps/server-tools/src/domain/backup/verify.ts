/** Reads a backup again, all of it, and says what is not as its manifest has it. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupVerification } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import { DamagedBsonError, documentsIn, insertableOf, parseMetadata } from '@lucid/store-mongo/backup';
import type { Static } from 'typebox';
import { type BackupFolder, MANIFEST, type Manifest, type OpenedBackup } from './backup-folder.ts';
import { ContentSum } from './content-sum.ts';
import type { JobRun } from './dump.ts';
import { codeOfFile, inFolder } from './file-errors.ts';
import { measureFile, readPackedFile } from './packed-file.ts';

export type Verification = Static<typeof BackupVerification>;
type Fault = Verification['faults'][number];
type Entry = Manifest['collections'][number];
type FileEntry = Entry['data'];

export interface VerifyDependencies {
  readonly folder: BackupFolder;
  /** age identity that opens encrypted backups. */
  readonly identity?: string | undefined;
}

/** Of an encrypted backup without an identity it judges the files only. @throws ProblemError backup_unknown, backup_unfinished, identity_wrong */
export async function verify(
  { folder, identity }: VerifyDependencies,
  backup: string,
  { signal, meter }: JobRun,
): Promise<Verification> {
  return inFolder(folder.root, async () => {
    const opened = await folder.open(backup);
    const { manifest } = opened;
    const reads = manifest.encryption === undefined || identity !== undefined;
    meter.begin('verifies', manifest.collections.length);
    const faults: Fault[] = [];
    let documents = 0;
    for (const entry of manifest.collections) {
      meter.collection(entry.name);
      const found = [
        await fileFault(opened, entry.metadata, signal),
        await fileFault(opened, entry.data, signal),
      ].filter((each) => each !== null);
      faults.push(...found);
      if (reads && found.length === 0) {
        const read = await readCollection(opened, { entry, identity }, { signal, meter });
        documents += read.documents;
        if (read.fault) faults.push(read.fault);
      }
      meter.collectionDone();
    }
    faults.push(...(await unexpectedFiles(opened)));
    const depth = reads ? 'documents' : 'files';
    const files = 2 * manifest.collections.length;
    return { backup, ok: faults.length === 0, depth, files, documents, faults };
  });
}

async function fileFault(
  { path }: OpenedBackup,
  file: FileEntry,
  signal: AbortSignal,
): Promise<Fault | null> {
  const at = join(path, file.path);
  const found = (fault: Fault['fault'], sentence: string) => ({ file: file.path, fault, found: sentence });
  try {
    const facts = await lstat(at);
    if (!facts.isFile()) return found('unexpected', 'It is no file.');
    if (facts.size !== file.sizeBytes)
      return found('size', `It has ${facts.size} bytes and was written with ${file.sizeBytes}.`);
    const { sha256 } = await measureFile(at, signal);
    return sha256 === file.sha256 ? null : found('hash', 'Its bytes are not those that were written.');
  } catch (error) {
    if (codeOfFile(error) === 'ENOENT') return found('missing', 'It is not there.');
    throw error;
  }
}

/** Documents of a backup's collection. Damage shows as an error, at the end at the latest. */
export function documentsOf(
  { path, manifest }: OpenedBackup,
  { data }: Entry,
  identity: string | undefined,
): AsyncGenerator<Uint8Array> {
  const encrypted = manifest.encryption !== undefined;
  return documentsIn(readPackedFile({ path: join(path, data.path), expected: data, encrypted, identity }));
}

/** @throws DamagedBsonError, what reading throws */
export async function metadataOf(
  { path, manifest }: OpenedBackup,
  { metadata }: Entry,
  identity: string | undefined,
) {
  const encrypted = manifest.encryption !== undefined;
  const parts: Uint8Array[] = [];
  const file = { path: join(path, metadata.path), expected: metadata, encrypted, identity };
  for await (const part of readPackedFile(file)) parts.push(part);
  return parseMetadata(Buffer.concat(parts).toString('utf8'));
}

interface Read {
  readonly documents: number;
  readonly fault?: Fault;
}

async function readCollection(
  opened: OpenedBackup,
  { entry, identity }: { readonly entry: Entry; readonly identity: string | undefined },
  { signal, meter }: JobRun,
): Promise<Read> {
  const sum = new ContentSum();
  const found = (file: string, sentence: string): Read => ({
    documents: sum.documents,
    fault: { file, fault: 'content', found: sentence },
  });
  let file = entry.metadata.path;
  try {
    await metadataOf(opened, entry, identity);
    file = entry.data.path;
    for await (const document of documentsOf(opened, entry, identity)) {
      signal.throwIfAborted();
      insertableOf(document);
      sum.add(document);
      meter.document(document.length);
    }
  } catch (error) {
    if (isProblem(error) || signal.aborted || codeOfFile(error) !== undefined) throw error;
    const what = error instanceof DamagedBsonError ? error.message : 'it cannot be unpacked';
    return found(file, `Behind document ${sum.documents}: ${what}.`);
  }
  if (sum.documents !== entry.documents)
    return found(file, `It holds ${sum.documents} documents, and ${entry.documents} were written.`);
  return sum.hex === entry.content
    ? { documents: sum.documents }
    : found(file, 'Its documents are not those that were written.');
}

async function unexpectedFiles({ path, manifest }: OpenedBackup): Promise<Fault[]> {
  const expected = new Set([
    MANIFEST,
    ...manifest.collections.flatMap(({ data, metadata }) => [data.path, metadata.path]),
  ]);
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((each) => !each.isDirectory())
    .map((each) => join(each.parentPath, each.name).slice(path.length + 1))
    .filter((file) => !expected.has(file))
    .map((file) => ({ file, fault: 'unexpected' as const, found: 'It is not in the manifest.' }));
}
