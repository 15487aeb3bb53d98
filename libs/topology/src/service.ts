/** What is known of one service. */
import type { NetworkName } from './networks.ts';

export type Plane = 'ops' | 'session' | 'chain' | 'open-api' | 'rdp' | 'wallet' | 'gui';

export type Profile =
  | 'session-pipeline'
  | 'authentication'
  | 'blockchain'
  | 'governance'
  | 'openapi'
  | 'rdp-server'
  | 'admin'
  | 'standalone'
  | 'dev';

export type Image =
  /** A bundle of `apps/<service>`, or of another `app`, on the Node base. `native`: it carries an engine that was compiled. */
  | { readonly kind: 'node'; readonly native?: boolean; readonly app?: string }
  /** A program of others on the base without Node: `docker/<service>.Dockerfile`. */
  | { readonly kind: 'program' }
  /** The one image that has a shell: for development. */
  | { readonly kind: 'development' };

export interface Limits {
  readonly memoryMb: number;
  readonly cpus: number;
  readonly pids: number;
}

/** What a service has besides where more layers run. */
export interface WithLayer extends Pick<Service, 'after' | 'secrets' | 'environment'> {
  readonly layer: 1 | 2 | 3;
}

export interface Service {
  /** Last octet of the address, equal on every network. */
  readonly octet: number;
  readonly networks: readonly NetworkName[];
  /** Port inside a container. */
  readonly containerPort: number;
  /** Port when all services run on one host without containers. */
  readonly hostPort: number;
  /** Further ports, the same in a container and on a host. */
  readonly otherPorts?: Readonly<Record<string, number>>;
  readonly layer: 0 | 1 | 2 | 3;
  readonly plane: Plane;
  /** Started only with this profile; absent: always. */
  readonly profile?: Profile;
  /** Names by which it is reached besides its own. */
  readonly aliases?: readonly string[];
  /** Absent: planned, there is nothing to start yet. */
  readonly image?: Image;
  /** Of the container; `lucid-<service>` where absent. */
  readonly containerName?: string;
  /** Started, and healthy, before this one. */
  readonly after?: readonly string[];
  /** Path in the container by volume. */
  readonly volumes?: Readonly<Record<string, string>>;
  /** Folder or file of the host, read-only, and its path in the container; a path from `compose/`, or a variable of compose. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Name of a secret file by the variable that names its path. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Added in compose files that hold this layer, too: what it asks there is not in those of its own. */
  readonly withLayer?: WithLayer;
  /** In memory, by path, with Docker's options; `/tmp` is there always. */
  readonly tmpfs?: Readonly<Record<string, string>>;
  readonly limits?: Limits;
  /** Its port is published on the host: on loopback unless LUCID_PUBLISH asks otherwise, or there only. */
  readonly published?: 'asked' | 'loopback';
}
