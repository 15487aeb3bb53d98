/** The documents of all contracts, each made when it is first asked for and kept: contracts do not change while a process runs. */
import { createHash } from 'node:crypto';
import type { ContractSpec } from '@lucid/contracts';
import { type OpenApiDocument, openApiOf } from '@lucid/service-kit';
import { stringify } from 'yaml';
import { mergedDocumentOf, mergedName } from './merged-document.ts';

export interface DocumentEntry {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly operations: number;
  /** Of `json`, in lower-case hex. */
  readonly sha256: string;
}

export interface KnownDocument {
  readonly entry: DocumentEntry;
  readonly json: string;
  /** UTF-8; the same bytes at each call. */
  yaml(): Uint8Array;
}

export interface Documents {
  /** Without the merged one, by name. */
  readonly services: readonly string[];
  /** Of a service, or the merged one; undefined where there is none. */
  find(name: string): KnownDocument | undefined;
  get(name: string): KnownDocument;
}

export function createDocuments(contracts: readonly ContractSpec[]): Documents {
  const made = new Map<string, KnownDocument>();
  const makers = new Map<string, () => OpenApiDocument>([
    [mergedName, () => mergedDocumentOf(contracts)],
    ...contracts.map((each) => [each.service, () => openApiOf(each)] as const),
  ]);
  const find = (name: string): KnownDocument | undefined => {
    const known = made.get(name);
    if (known) return known;
    const document = makers.get(name)?.();
    if (!document) return undefined;
    const fresh = describe(name, document);
    made.set(name, fresh);
    return fresh;
  };
  return {
    services: contracts.map(({ service }) => service),
    find,
    get: (name) => {
      const found = find(name);
      if (!found) throw new TypeError(`there is no document ${name}`);
      return found;
    },
  };
}

function describe(name: string, document: OpenApiDocument): KnownDocument {
  const json = JSON.stringify(document);
  let yaml: Uint8Array | undefined;
  return {
    entry: {
      name,
      version: String(document.info.version),
      summary: String(document.info.description),
      operations: Object.values(document.paths).reduce((sum, item) => sum + Object.keys(item).length, 0),
      sha256: createHash('sha256').update(json).digest('hex'),
    },
    json,
    yaml: () => {
      yaml ??= new TextEncoder().encode(yamlOf(document));
      return yaml;
    },
  };
}

/** Schemas that contracts share are written out each time: aliases are lost on many readers. */
const yamlOf = (document: OpenApiDocument): string =>
  stringify(document, { version: '1.2', aliasDuplicateObjects: false, lineWidth: 0 });
