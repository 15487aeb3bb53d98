/** A tor with SOCKS and control port. */
export interface TestTor {
  /** `socks5://127.0.0.1:port` */
  readonly proxyUrl: string;
  /** `127.0.0.1:port` */
  readonly controlAddress: string;
  readonly controlPassword: string;
  readonly cookieFile: string;
  readonly pid: number | undefined;
  /** The end of what it wrote, in plain: nothing of a test's network is secret. */
  log(): string;
  /** Resolves when its control port is open. */
  listening(): Promise<void>;
  /** Resolves when it has joined its network. */
  joined(): Promise<void>;
  /** Default SIGKILL. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Another process with the same ports and data, after `stop`. */
  start(): void;
}

export interface TestTorNetwork {
  /** Lines that a client elsewhere, in a container for example, needs to join. */
  readonly config: string;
  startClient(options?: { readonly lines?: readonly string[] }): Promise<TestTor>;
  stop(): Promise<void>;
}

export interface TorAuthority {
  readonly nickname: string;
  readonly address: string;
  readonly orPort: number;
  readonly dirPort: number;
  /** Fingerprint of the identity that signs the consensus, 40 hex digits. */
  readonly identity: string;
  /** Fingerprint of the relay, 40 hex digits. */
  readonly fingerprint: string;
}

export function whyNoTor(): string | null;
export function networkConfig(network: { readonly authorities: readonly TorAuthority[] }): string;
/** It reaches nothing; `dispose` ends it and removes its data. */
export function startLoneTor(): Promise<TestTor & { dispose(): Promise<void> }>;
export function startTorNetwork(options?: {
  /** Where every node listens; default 127.0.0.1. */
  readonly address?: string;
  /** What its exit connects to; default `loopback` on 127.0.0.1, `nothing` elsewhere. */
  readonly exitTo?: 'loopback' | 'nothing';
  /** A resolv.conf for the exit; without one it resolves no names. */
  readonly resolvConf?: string;
}): Promise<TestTorNetwork>;
