/** Prometheus metrics of one service. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  started(): void;
  finished(operation: string, status: number, seconds: number): void;
  /** For a service's own metrics. */
  readonly registry: Registry;
  render(): Promise<{ mediaType: string; text: string }>;
}

let processMetricsTaken = false;

/** The first service of a process also shows the process's metrics (CPU, memory, event loop); once is enough. */
export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  const durations: Histogram = new Histogram({
    name: 'lucid_request_duration_seconds',
    help: 'Time to answer a request, by operation and status.',
    labelNames: ['operation', 'status'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60],
    registers: [registry],
  });
  const inFlight: Gauge = new Gauge({
    name: 'lucid_requests_in_flight',
    help: 'Requests being answered.',
    registers: [registry],
  });
  if (!processMetricsTaken) {
    processMetricsTaken = true;
    collectDefaultMetrics({ register: registry });
  }
  return {
    registry,
    started: () => inFlight.inc(),
    finished(operation, status, seconds) {
      inFlight.dec();
      durations.observe({ operation, status: String(status) }, seconds);
    },
    render: async () => ({ mediaType: registry.contentType, text: await registry.metrics() }),
  };
}
