import type { CastEvent } from '@lucid/capture';
import { parseMoment } from '../src/commands/play.ts';
import { Player, type PlayerOptions } from '../src/commands/play-player.ts';
import { parseSize, readKeys, ScreenModes } from '../src/commands/play-screen.ts';

const EVENTS: readonly CastEvent[] = [0, 1, 2, 10, 11, 12].map((at) => ({ at, code: 'o', data: `${at}` }));
const AT_ONCE: PlayerOptions = { speed: 1, idleLimitS: null, fromS: 0, untimed: false };

/** Plays on a clock that jumps to the end of each sleep; `at` runs a command when a moment of that clock comes. */
async function playWith(
  options: Partial<PlayerOptions>,
  commands: readonly [number, (player: Player) => void][] = [],
) {
  let nowMs = 0;
  const shown: string[] = [];
  const pending = [...commands];
  const player: Player = new Player(
    { ...AT_ONCE, ...options },
    {
      async *openEvents() {
        yield* EVENTS;
      },
      show: async ({ data }) => {
        shown.push(`${data}@${Math.round(nowMs / 100) / 10}`);
      },
      reset: async () => {
        shown.push('reset');
      },
      nowMs: () => nowMs,
      async sleep(ms) {
        const next = pending[0];
        if (next && next[0] * 1000 <= nowMs + ms) {
          pending.shift();
          nowMs = Math.max(nowMs, next[0] * 1000);
          next[1](player);
        } else if (ms > 1e9) throw new Error('it would wait for ever');
        else nowMs += ms;
      },
    },
  );
  await player.run();
  return shown;
}

test('events come in their time', async () => {
  expect(await playWith({})).toEqual(['0@0', '1@1', '2@2', '10@10', '11@11', '12@12']);
});

test('twice the speed, half the time; a pause longer than the limit is cut', async () => {
  expect(await playWith({ speed: 2, idleLimitS: 2 })).toEqual([
    '0@0',
    '1@0.5',
    '2@1',
    '10@2',
    '11@2.5',
    '12@3',
  ]);
});

test('from a moment on: what was before is printed at once', async () => {
  expect(await playWith({ fromS: 10 })).toEqual(['0@0', '1@0', '2@0', '10@0', '11@1', '12@2']);
});

test('untimed prints everything at once', async () => {
  expect(await playWith({ untimed: true })).toEqual(['0@0', '1@0', '2@0', '10@0', '11@0', '12@0']);
});

test('a pause moves all that follows', async () => {
  const shown = await playWith({}, [
    [1.5, (player) => player.togglePause()],
    [4.5, (player) => player.togglePause()],
  ]);
  expect(shown).toEqual(['0@0', '1@1', '2@5', '10@13', '11@14', '12@15']);
});

test('a step in a pause shows one event; outside of it nothing happens', async () => {
  const shown = await playWith({}, [
    [0.5, (player) => player.step()],
    [1.5, (player) => player.togglePause()],
    [3, (player) => player.step()],
    [4, (player) => player.step()],
    [5, (player) => player.togglePause()],
  ]);
  expect(shown).toEqual(['0@0', '1@1', '2@3', '10@4', '11@6', '12@7']);
});

test('seeking forward skips, seeking back begins again and skips to the moment', async () => {
  expect(await playWith({}, [[2.5, (player) => player.seek(5)]])).toEqual(
    ['0@0', '1@1', '2@2', '10@10.5', '11@11.5', '12@12.5'].map((each, at) =>
      at < 3 ? each : expect.any(String),
    ),
  );
  const shown = await playWith({}, [[11.5, (player) => player.seek(-5)]]);
  expect(shown.slice(0, 6)).toEqual(['0@0', '1@1', '2@2', '10@10', '11@11', 'reset']);
  expect(shown.slice(6, 9)).toEqual(['0@11.5', '1@11.5', '2@11.5']);
  expect(shown.at(-1)).toMatch(/^12@/);
});

test('quitting ends it between two events', async () => {
  expect(await playWith({}, [[5, (player) => player.quit()]])).toEqual(['0@0', '1@1', '2@2']);
});

test('keys; answers of the terminal and unknown keys are no commands', () => {
  expect(readKeys(' \u001b[C\u001b[D\u001bOC.q\u0003')).toEqual([
    'pause',
    'forward',
    'back',
    'forward',
    'step',
    'quit',
    'quit',
  ]);
  expect(readKeys('\u001b[12;40R\u001b[?62;4c\u001b]10;rgb:ffff/ffff/ffff\u0007xyz\u001b[A')).toEqual([]);
  expect(readKeys('\u001b')).toEqual([]);
});

test('modes that a recording left set are taken back, however its output was cut', () => {
  const modes = new ScreenModes();
  for (const part of ['\u001b[?1049h\u001b[?25', 'l', 'x\u001b[', '?2004;1000h', '\u001b[?2004l\u001b[?7h'])
    modes.push(part);
  expect(modes.restoring()).toBe('\u001b[?1049l\u001b[?25h\u001b[?1000l\u001b[0m\u001b(B\u001b>');
  expect(new ScreenModes().restoring()).toBe('\u001b[0m\u001b(B\u001b>');
});

test('a recording cannot set the clipboard', () => {
  expect(new ScreenModes().push('a\u001b]52;c;cm0gLXJm\u0007b\u001b]0;title\u0007')).toBe(
    'ab\u001b]0;title\u0007',
  );
});

test('moments and sizes', () => {
  expect([parseMoment(undefined), parseMoment('90'), parseMoment('1:30'), parseMoment('1:00:00.5')]).toEqual([
    0, 90, 90, 3600.5,
  ]);
  for (const text of ['', 'x', '1:2:3:4', '-5'])
    expect(() => parseMoment(text)).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(parseSize('120x40')).toEqual({ cols: 120, rows: 40 });
  expect(parseSize('120')).toBeNull();
});
