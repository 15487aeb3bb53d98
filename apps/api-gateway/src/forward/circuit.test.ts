import { Circuit, type Outcome } from './circuit.ts';

function circuitAt(clock: { nowMs: number }) {
  const circuit = new Circuit({ nowMs: () => clock.nowMs });
  return {
    circuit,
    /** The outcome that was told, or the time to wait. */
    ask(outcome: Outcome): Outcome | number {
      const entered = circuit.enter();
      if (typeof entered === 'number') return entered;
      entered(outcome);
      return outcome;
    },
  };
}

test('five failures in a row open it, an answer between them does not', () => {
  const { ask, circuit } = circuitAt({ nowMs: 0 });
  for (let each = 0; each < 4; each++) ask('failed');
  ask('answered');
  for (let each = 0; each < 4; each++) ask('failed');
  expect(circuit.isOpen).toBe(false);
  ask('failed');
  expect(circuit.isOpen).toBe(true);
  expect(ask('answered')).toBe(250);
});

test('one probe at a time; each that fails doubles the time, up to a cap', () => {
  const clock = { nowMs: 0 };
  const { ask, circuit } = circuitAt(clock);
  for (let each = 0; each < 5; each++) ask('failed');
  const waits: (number | Outcome)[] = [];
  for (let probe = 0; probe < 6; probe++) {
    const wait = ask('failed') as number;
    waits.push(wait);
    clock.nowMs += wait;
    const probing = circuit.enter();
    expect(typeof probing).toBe('function');
    expect(circuit.enter()).toBe(1);
    (probing as (outcome: Outcome) => void)('failed');
  }
  expect(waits).toEqual([250, 500, 1000, 2000, 3000, 3000]);
  clock.nowMs += 3000;
  expect(ask('answered')).toBe('answered');
  expect(circuit.isOpen).toBe(false);
});

test('a probe whose client left leaves the question open, and the next may ask', () => {
  const clock = { nowMs: 0 };
  const { ask, circuit } = circuitAt(clock);
  for (let each = 0; each < 5; each++) ask('failed');
  clock.nowMs = 250;
  expect(ask('left')).toBe('left');
  expect(circuit.isOpen).toBe(true);
  expect(ask('answered')).toBe('answered');
});
