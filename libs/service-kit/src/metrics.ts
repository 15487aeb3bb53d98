/**
 * Counters, gauges and histograms of one service, in the text format of Prometheus 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). Labels are fixed when a metric is made, so that counting
 * is one addition; the same name with other labels is another child of the same metric.
 */
export interface MetricOptions {
  /** `lucid_…`, unit and `_total` at its end as Prometheus advises. */
  readonly name: string;
  readonly help: string;
  /** From a small closed set each: never ids, never user input. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Counter {
  add(amount?: number): void;
}

export interface Gauge {
  set(value: number): void;
  add(amount: number): void;
}

export interface Histogram {
  observe(value: number): void;
}

export interface Metrics {
  counter(options: MetricOptions): Counter;
  gauge(options: MetricOptions): Gauge;
  /** `buckets`: inclusive upper bounds, ascending. */
  histogram(options: MetricOptions & { readonly buckets: readonly number[] }): Histogram;
}

export interface MetricRegistry extends Metrics {
  render(): string;
}

type Kind = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly kind: Kind;
  readonly help: string;
  readonly children: Map<string, Child>;
}

interface Child {
  lines(name: string, labels: string): string[];
}

class Value implements Counter, Gauge, Child {
  #value = 0;

  add(amount = 1): void {
    this.#value += amount;
  }

  set(value: number): void {
    this.#value = value;
  }

  lines(name: string, labels: string): string[] {
    return [`${name}{${labels}} ${this.#value}`];
  }
}

class Distribution implements Histogram, Child {
  readonly #bounds: readonly number[];
  /** One more than bounds: the last counts what is above all of them. */
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.#bounds.length && value > (this.#bounds[bucket] as number)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1;
    this.#sum += value;
  }

  lines(name: string, labels: string): string[] {
    let total = 0;
    const buckets = this.#counts.map((count, index) => {
      total += count;
      return `${name}_bucket{${labels},le="${this.#bounds[index] ?? '+Inf'}"} ${total}`;
    });
    return [...buckets, `${name}_sum{${labels}} ${this.#sum}`, `${name}_count{${labels}} ${total}`];
  }
}

const escapeLabel = (text: string): string =>
  text.replace(/[\\"\n]/g, (char) => (char === '\n' ? '\\n' : `\\${char}`));

const formatLabels = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');

/** `labels` stand on every line. */
export function createMetricRegistry(labels: Readonly<Record<string, string>>): MetricRegistry {
  const families = new Map<string, Family>();

  const childOf = <T extends Child>(kind: Kind, options: MetricOptions, create: () => T): T => {
    const family = families.get(options.name) ?? { kind, help: options.help, children: new Map() };
    if (family.kind !== kind) throw new TypeError(`metric ${options.name} is a ${family.kind} already`);
    families.set(options.name, family);
    const name = formatLabels({ ...labels, ...options.labels });
    const child = (family.children.get(name) as T | undefined) ?? create();
    family.children.set(name, child);
    return child;
  };

  return {
    counter: (options) => childOf('counter', options, () => new Value()),
    gauge: (options) => childOf('gauge', options, () => new Value()),
    histogram: (options) => childOf('histogram', options, () => new Distribution(options.buckets)),
    render: () =>
      [...families]
        .flatMap(([name, { kind, help, children }]) => [
          `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
          `# TYPE ${name} ${kind}`,
          ...[...children].flatMap(([each, child]) => child.lines(name, each)),
        ])
        .map((line) => `${line}\n`)
        .join(''),
  };
}
