/** The checks, put together: which targets each has, so many at a time, and one report. */
import type { BackupDatabase } from '@lucid/store-mongo/backup';
import { ownClockProbe, serviceClockProbe, storeClockProbe } from './check-clock.ts';
import { diskProbe, type ReadVolume, storeDiskProbe } from './check-disk.ts';
import { httpProbe } from './check-http.ts';
import { dnsProbe, tcpProbes } from './check-network.ts';
import { type TorSettings, torProbes } from './check-tor.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Installation } from './installation.ts';
import { Gate, type Probe, type Report, runProbe, worstOf } from './probe.ts';
import { type Resolve, remembered } from './resolve-name.ts';
import { fromStore, mongoTime, redisTime } from './store-times.ts';

export interface DiagnosticsOptions {
  readonly installation: Installation;
  readonly database: BackupDatabase;
  readonly redisUrl?: string | undefined;
  readonly tor: TorSettings;
  /** Paths of volumes. */
  readonly volumes: readonly string[];
  readonly watch: ClockWatch;
  /** Of one try. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  readonly resolve: Resolve;
  readonly readVolume: ReadVolume;
}

/** Tries under way at once, whoever asks. */
const TRIED_TOGETHER = 8;

export class Diagnostics {
  readonly #options: DiagnosticsOptions;
  readonly #gate = new Gate(TRIED_TOGETHER);

  constructor(options: DiagnosticsOptions) {
    this.#options = options;
  }

  /** @throws ProblemError target_unknown */
  dns(service?: string): Promise<Report> {
    return this.#report(this.#dns(this.#options.resolve, service));
  }

  /** @throws ProblemError target_unknown */
  tcp(service?: string): Promise<Report> {
    return this.#report(this.#tcp(this.#options.resolve, service));
  }

  /** @throws ProblemError target_unknown */
  http(service?: string): Promise<Report> {
    return this.#report(this.#http(this.#options.resolve, service));
  }

  tor(): Promise<Report> {
    return this.#report(this.#tor(this.#options.resolve));
  }

  disk(): Promise<Report> {
    return this.#report(this.#disk());
  }

  clock(): Promise<Report> {
    return this.#report(this.#clock(this.#options.resolve));
  }

  all(): Promise<Report> {
    const resolve = remembered(this.#options.resolve, this.#options.timeoutMs);
    const named = [this.#dns(resolve), this.#tcp(resolve), this.#http(resolve), this.#tor(resolve)];
    return this.#report([...named.flat(), ...this.#disk(), ...this.#clock(resolve)]);
  }

  #dns(resolve: Resolve, service?: string): Probe[] {
    const { installation } = this.#options;
    return installation.select(service).map((each) => dnsProbe(each, resolve));
  }

  #tcp(resolve: Resolve, service?: string): Probe[] {
    const { installation } = this.#options;
    return installation.select(service).flatMap((each) => tcpProbes(each, resolve));
  }

  #http(resolve: Resolve, service?: string): Probe[] {
    const { installation } = this.#options;
    return installation.select(service, ({ isOurs }) => isOurs).map((each) => httpProbe(each, resolve));
  }

  #tor(resolve: Resolve): Probe[] {
    const { installation, tor } = this.#options;
    return torProbes(installation.find('tor-proxy'), resolve, tor);
  }

  #disk(): Probe[] {
    const { volumes, readVolume, database } = this.#options;
    const ofStore = storeDiskProbe(() => fromStore(() => database.disk()));
    return [...volumes.map((path) => diskProbe(path, readVolume)), ofStore];
  }

  #clock(resolve: Resolve): Probe[] {
    const { installation, nowMs, watch, database, redisUrl, timeoutMs } = this.#options;
    const services = installation.select(undefined, ({ isOurs }) => isOurs);
    return [
      ownClockProbe(watch),
      storeClockProbe('mongodb', nowMs, mongoTime(database)),
      ...(redisUrl ? [storeClockProbe('redis', nowMs, redisTime(redisUrl, timeoutMs))] : []),
      ...services.map((each) => serviceClockProbe(each, { resolve, nowMs })),
    ];
  }

  async #report(probes: readonly Probe[]): Promise<Report> {
    const { nowMs, timeoutMs } = this.#options;
    const startedAt = new Date(nowMs()).toISOString();
    const startedAtMs = performance.now();
    const results = await Promise.all(
      probes.map((probe) => this.#gate.run(() => runProbe(probe, timeoutMs))),
    );
    const durationMs = Math.round((performance.now() - startedAtMs) * 1_000) / 1_000;
    return { outcome: worstOf(results), startedAt, durationMs, results };
  }
}
