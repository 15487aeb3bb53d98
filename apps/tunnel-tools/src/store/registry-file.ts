/**
 * The registry on disk: `onion-registry.json`, and its last versions beside it in `versions/`.
 *
 * A change is made by giving the next version's file its name, which only one process can: who comes second reads again and does its
 * change anew. That is the moment from which it counts; `onion-registry.json` follows, and is brought up to it by whoever reads
 * next where the process ended in between.
 */
import { KeyedQueue } from '@lucid/service-kit';
import { problem } from '../problem.ts';
import type { DurableFolder } from './durable-folder.ts';
import { emptyRegistry, isWhy, parseRegistry, type Registry, registryText } from './registry.ts';

const FILE = 'onion-registry.json';
export const VERSIONS = 'versions';
const KEPT = 8;
const MOST_TRIES = 50;

const versionName = (version: number): string => `${VERSIONS}/onion-registry.${version}.json`;
const versionOf = (name: string): number =>
  Number(/^onion-registry\.([0-9]{1,15})\.json$/.exec(name)?.[1] ?? 0);

export class RegistryFile {
  readonly #folder: DurableFolder;
  readonly #queue = new KeyedQueue();

  constructor(folder: DurableFolder) {
    this.#folder = folder;
  }

  get path(): string {
    return this.#folder.pathOf(FILE);
  }

  /** @throws ProblemError registry_unusable, which names the file and what to do */
  async load(): Promise<Registry> {
    const newest = Math.max(0, ...(await this.#folder.list(VERSIONS)).map(versionOf));
    const found = await this.#parse(FILE);
    if (found && (isWhy(found) || found.version >= newest)) return this.#whole(found, FILE);
    if (newest === 0) return emptyRegistry();
    // A change that counts already, and whose process ended before it had written the file.
    const ahead = await this.#whole(await this.#parse(versionName(newest)), versionName(newest));
    await this.#folder.write(FILE, registryText(ahead));
    return ahead;
  }

  /** Durable when it resolves. `edit` may run again on a newer registry; what it throws changes nothing. */
  change(edit: (draft: Registry) => void): Promise<Registry> {
    return this.#queue.run(FILE, async () => {
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const draft = structuredClone(await this.load());
        edit(draft);
        draft.version += 1;
        const text = registryText(draft);
        if (!(await this.#folder.create(versionName(draft.version), text))) continue;
        await this.#folder.write(FILE, text);
        await this.#prune(draft.version);
        return draft;
      }
      throw problem('unavailable');
    });
  }

  async #parse(name: string) {
    const bytes = await this.#folder.read(name);
    return bytes === null ? null : parseRegistry(bytes.toString('utf8'));
  }

  async #whole(parsed: Registry | { readonly why: string } | null, name: string): Promise<Registry> {
    if (parsed && !isWhy(parsed)) return parsed;
    const other = await this.#lastWhole();
    const advice = other
      ? `stop tunnel-tools, copy ${this.#folder.pathOf(other)} to ${this.path}, remove what is newer in versions/, and start it again`
      : 'bring it back from a backup';
    const detail = `${this.#folder.pathOf(name)} is damaged: ${parsed?.why ?? 'it is gone'}; ${advice}.`;
    throw problem('registry_unusable', { detail });
  }

  async #lastWhole(): Promise<string | undefined> {
    const versions = (await this.#folder.list(VERSIONS)).map(versionOf).sort((one, other) => other - one);
    for (const each of versions) {
      const parsed = each > 0 ? await this.#parse(versionName(each)) : null;
      if (parsed && !isWhy(parsed)) return versionName(each);
    }
    return undefined;
  }

  async #prune(newest: number): Promise<void> {
    for (const name of await this.#folder.list(VERSIONS)) {
      const version = versionOf(name);
      if (version > 0 && version <= newest - KEPT) await this.#folder.remove(`${VERSIONS}/${name}`);
    }
  }
}
