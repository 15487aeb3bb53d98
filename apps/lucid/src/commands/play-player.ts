/**
 * Plays the events of a terminal recording in time. Knows no terminal and no file: events, clock and output are passed in.
 *
 * Seeking back begins again at the first event and prints without waiting up to the moment asked for, since what a terminal shows
 * follows from everything printed before.
 */
import type { CastEvent } from '@lucid/capture';

export interface PlayerOptions {
  readonly speed: number;
  /** Longest wait between two events, seconds of the recording; null for none. */
  readonly idleLimitS: number | null;
  /** Begin here, seconds of the recording. */
  readonly fromS: number;
  /** Print everything at once. */
  readonly untimed: boolean;
}

export interface PlayerDependencies {
  /** The recording from its beginning; called again for each seek back. */
  openEvents(): AsyncIterable<CastEvent>;
  /** Resolves when more can be printed. */
  show(event: CastEvent): Promise<void>;
  /** The screen as it was before anything was printed. */
  reset(): Promise<void>;
  nowMs(): number;
  /** Resolves after `ms`, or earlier where the signal aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A wait that only a command ends. */
const FOREVER_MS = 2 ** 31 - 1;

export class Player {
  readonly #options: PlayerOptions;
  readonly #dependencies: PlayerDependencies;
  #interrupt = new AbortController();
  #paused = false;
  #steps = 0;
  #positionS = 0;
  #skipUntilS: number;
  #restart = false;
  #quit = false;
  /** Milliseconds still to wait; below zero where the output is late, which is made up for. */
  #owedMs = 0;

  constructor(options: PlayerOptions, dependencies: PlayerDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#skipUntilS = options.fromS;
  }

  /** Seconds of the recording that were played. */
  get positionS(): number {
    return this.#positionS;
  }

  get paused(): boolean {
    return this.#paused;
  }

  togglePause(): void {
    this.#paused = !this.#paused;
    this.#wake();
  }

  /** While paused: on to the next event. */
  step(): void {
    if (!this.#paused) return;
    this.#steps++;
    this.#wake();
  }

  seek(byS: number): void {
    const target = Math.max(0, Math.max(this.#positionS, this.#restart ? 0 : this.#skipUntilS) + byS);
    if (byS < 0) this.#restart = true;
    this.#skipUntilS = target;
    this.#wake();
  }

  quit(): void {
    this.#quit = true;
    this.#wake();
  }

  /** Resolves at the end of the recording or after `quit`. */
  async run(): Promise<void> {
    do {
      this.#restart = false;
      this.#owedMs = 0;
      await this.#pass();
      if (this.#restart && !this.#quit) await this.#dependencies.reset();
    } while (this.#restart && !this.#quit);
  }

  async #pass(): Promise<void> {
    let lastS = 0;
    this.#positionS = 0;
    for await (const event of this.#dependencies.openEvents()) {
      await this.#waitFor(event.at, event.at - lastS);
      if (this.#quit || this.#restart) return;
      lastS = event.at;
      this.#positionS = event.at;
      await this.#dependencies.show(event);
    }
  }

  /** Until the event is due, is skipped to, or a command makes it pointless. */
  async #waitFor(atS: number, gapS: number): Promise<void> {
    const { speed, idleLimitS, untimed } = this.#options;
    if (untimed) return;
    if (atS > this.#skipUntilS) this.#owedMs += (Math.min(gapS, idleLimitS ?? gapS) * 1000) / speed;
    while (!this.#quit && !this.#restart && atS > this.#skipUntilS) {
      if (this.#paused && this.#steps > 0) {
        this.#steps--;
        this.#owedMs = 0;
        return;
      }
      if (!this.#paused && this.#owedMs <= 0) return;
      await this.#wait();
    }
    if (atS <= this.#skipUntilS) this.#owedMs = 0;
  }

  async #wait(): Promise<void> {
    const { nowMs, sleep } = this.#dependencies;
    const { signal } = this.#interrupt;
    const started = nowMs();
    if (this.#paused) await sleep(FOREVER_MS, signal);
    else {
      await sleep(this.#owedMs, signal);
      this.#owedMs -= nowMs() - started;
    }
  }

  #wake(): void {
    this.#interrupt.abort();
    this.#interrupt = new AbortController();
  }
}
