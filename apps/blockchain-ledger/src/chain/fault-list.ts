export interface Fault {
  readonly what: string;
  readonly where: string;
  readonly expected?: string;
  readonly found?: string;
}

/** Faults that are named; the others are counted. */
const MAX_NAMED = 1_000;

export class FaultList {
  readonly named: Fault[] = [];
  readonly #known = new Set<string>();
  count = 0;

  /** Each thing at a place once. */
  add(fault: Fault): void {
    const name = `${fault.what} ${fault.where}`;
    if (this.#known.has(name)) return;
    this.count++;
    if (this.named.length === MAX_NAMED) return;
    this.#known.add(name);
    this.named.push(fault);
  }

  /** Where the two differ. */
  compare(what: string, where: string, expected: string, found: string): void {
    if (expected !== found) this.add({ what, where, expected, found });
  }
}
