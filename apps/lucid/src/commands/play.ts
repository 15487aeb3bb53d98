/** `lucid play ID|FILE`: plays a terminal recording on this terminal, decrypting as it goes. */
import { AsciicastError, AsciicastReader, type CastEvent } from '@lucid/capture';
import type { Manifest, ManifestTrack } from '@lucid/session-format';
import { durationText } from '@lucid/verifier';
import type { ZstdCodec } from '@lucid/zstd';
import { CliError, exitCodes } from '../cli/cli-error.ts';
import { Output } from '../cli/output.ts';
import { OutputClosedError } from './export-target.ts';
import { assertHolds, chooseTrack, noteEnding } from './open.ts';
import { BundleFile } from './open-bundle.ts';
import { openTrack, readingCodec } from './open-chunks.ts';
import { IdentityRing, unlock } from './open-identity.ts';
import { findEvidence } from './open-target.ts';
import { Player, type PlayerOptions } from './play-player.ts';
import { larger, type PlayKey, parseSize, readKeys, ScreenModes, type Size } from './play-screen.ts';

export interface PlayOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly identity: readonly string[];
  readonly speed?: number;
  readonly idleLimit?: number;
  readonly from?: string;
  readonly track?: number;
  readonly raw: boolean;
}

const SEEK_S = 5;
const RESET_SCREEN = '\u001bc';

/** Seconds, M:SS or H:MM:SS, with a fraction or without. @throws CliError usage */
export function parseMoment(text: string | undefined): number {
  if (text === undefined) return 0;
  const match = /^(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)s?$/.exec(text);
  if (!match) throw new CliError('usage', `--from ${text}: give seconds, M:SS or H:MM:SS.`);
  const [, hours = '0', minutes, seconds = '0'] = match;
  const tooMany = minutes !== undefined && (Number(seconds) >= 60 || (match[1] && Number(minutes) >= 60));
  if (tooMany) throw new CliError('usage', `--from ${text}: minutes and seconds go up to 59, as in 1:02:03.`);
  return Number(hours) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds);
}

/** @throws CliError usage where the recording ended before that moment */
function assertWithin(fromS: number, { startedAtUs, endedAtUs }: Manifest): void {
  const lengthUs = Math.max(0, endedAtUs - startedAtUs);
  if (fromS * 1_000_000 <= lengthUs) return;
  throw new CliError(
    'usage',
    `--from is beyond the end: the recording is ${durationText(lengthUs)} (H:MM:SS) long.`,
  );
}

function terminalTrack(manifest: Manifest, wanted: number | undefined): ManifestTrack {
  const track =
    wanted === undefined
      ? (manifest.tracks.find(({ kind }) => kind === 'terminal') ?? chooseTrack(manifest, wanted))
      : chooseTrack(manifest, wanted);
  if (track.kind === 'terminal') return track;
  throw new CliError(
    'usage',
    `track ${track.track} is no terminal recording but a ${track.kind} (${track.mediaType}); get it with: lucid open`,
  );
}

interface Recording {
  readonly bundle: BundleFile;
  readonly sessionKey: Uint8Array;
  readonly codec: ZstdCodec;
  readonly track: ManifestTrack;
}

async function* eventsOf(recording: Recording, onHeader: (size: Size) => void): AsyncGenerator<CastEvent> {
  const { bundle, sessionKey, codec, track } = recording;
  const reader = new AsciicastReader();
  let told = false;
  try {
    for (const { plain } of openTrack(bundle, sessionKey, codec, { track: track.track })) {
      const events = reader.push(plain);
      if (!told && reader.header) {
        told = true;
        onHeader(reader.header);
      }
      yield* events;
    }
  } catch (error) {
    if (!(error instanceof AsciicastError)) throw error;
    throw new CliError(
      'session_failed',
      `the recording cannot be played: ${error.message}. Get its bytes with: lucid open`,
      {
        cause: error,
      },
    );
  }
}

/** Resolves when the stream takes more, or is gone. */
const drained = (stdout: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      stdout.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    stdout.on('drain', done).on('close', done).on('error', done);
  });

/** Prints, and gathers what has to be said afterwards. */
class Screen {
  readonly #stdout: NodeJS.WriteStream;
  readonly #modes = new ScreenModes();
  needs: Size = { cols: 0, rows: 0 };
  closed = false;

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
    stdout.on('error', () => {
      this.closed = true;
    });
  }

  async print(text: string): Promise<void> {
    if (this.closed) throw new OutputClosedError('the reader went away');
    if (!this.#stdout.write(text)) await drained(this.#stdout);
  }

  async show({ code, data }: CastEvent): Promise<void> {
    if (code === 'o') await this.print(this.#stdout.isTTY ? this.#modes.push(data) : data);
    else if (code === 'r') this.needs = larger(this.needs, parseSize(data) ?? this.needs);
  }

  restore(): void {
    if (this.#stdout.isTTY && !this.closed) this.#stdout.write(this.#modes.restoring());
  }

  /** Where the recording was larger than this terminal, its lines were broken differently. */
  get tooSmall(): string | null {
    const { columns = 0, rows = 0, isTTY } = this.#stdout;
    if (!isTTY || (this.needs.cols <= columns && this.needs.rows <= rows)) return null;
    return `Note: recorded on a terminal of up to ${this.needs.cols}x${this.needs.rows}, this one is ${columns}x${rows}: enlarge it to see what was seen.`;
  }
}

const actions: Readonly<Record<PlayKey, (player: Player) => void>> = {
  pause: (player) => player.togglePause(),
  back: (player) => player.seek(-SEEK_S),
  forward: (player) => player.seek(SEEK_S),
  step: (player) => player.step(),
  quit: (player) => player.quit(),
};

/** Keys and signals steer the player until the returned function is called. */
function steer(process: NodeJS.Process, player: Player, timed: boolean): () => void {
  const { stdin } = process;
  const quit = () => player.quit();
  const onKeys = (typed: Buffer) => {
    for (const key of readKeys(typed.toString('latin1'))) actions[key](player);
  };
  const keyed = timed && stdin.isTTY;
  if (keyed) {
    stdin.setRawMode(true);
    stdin.on('data', onKeys);
    stdin.resume();
  }
  process.on('SIGINT', quit).on('SIGTERM', quit).on('SIGHUP', quit);
  return () => {
    process.off('SIGINT', quit).off('SIGTERM', quit).off('SIGHUP', quit);
    if (!keyed) return;
    stdin.off('data', onKeys);
    stdin.setRawMode(false);
    stdin.pause();
  };
}

const sleep = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });

async function playRecording(
  process: NodeJS.Process,
  recording: Recording,
  options: PlayerOptions,
  output: Output,
) {
  const screen = new Screen(process.stdout);
  const player = new Player(options, {
    openEvents: () =>
      eventsOf(recording, (size) => {
        screen.needs = larger(screen.needs, size);
      }),
    show: (event) => screen.show(event),
    reset: () => screen.print(RESET_SCREEN),
    nowMs: () => performance.now(),
    sleep,
  });
  const release = steer(process, player, !options.untimed);
  try {
    await player.run();
  } catch (error) {
    if (!(error instanceof OutputClosedError)) throw error;
  } finally {
    release();
    screen.restore();
  }
  if (screen.tooSmall) output.note(screen.tooSmall);
}

export async function play(process: NodeJS.Process, text: string, options: PlayOptions): Promise<number> {
  const output = new Output(process, options);
  const timing: PlayerOptions = {
    speed: options.speed ?? 1,
    idleLimitS: options.idleLimit ?? null,
    fromS: parseMoment(options.from),
    untimed: options.raw || (!process.stdout.isTTY && options.speed === undefined),
  };
  const evidence = await findEvidence(process, text, options);
  await assertHolds(evidence, output);
  const bundle = BundleFile.open(evidence.path);
  try {
    const { manifest } = bundle;
    assertWithin(timing.fromS, manifest);
    const track = terminalTrack(manifest, options.track);
    const ring = new IdentityRing(process, { files: options.identity, home: evidence.home });
    const sessionKey = await unlock(bundle, ring);
    try {
      await playRecording(
        process,
        { bundle, sessionKey, codec: await readingCodec(), track },
        timing,
        output,
      );
    } finally {
      sessionKey.fill(0);
    }
    noteEnding(output, manifest);
  } finally {
    bundle.close();
  }
  return exitCodes.ok;
}
