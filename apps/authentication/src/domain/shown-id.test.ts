import { newShownId } from './shown-id.ts';

test('an id that a command would take for an option is not given out', () => {
  const drawn = [new Uint8Array(16).fill(0xf8), new Uint8Array(16).fill(0xfb), new Uint8Array(16)];
  expect(newShownId(() => drawn.shift() as Uint8Array)).toBe('A'.repeat(22));
});
