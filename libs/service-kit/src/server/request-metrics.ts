/** What every service shows at `GET /metrics`: its requests, its own metrics, and those of the process. */
import { performance } from 'node:perf_hooks';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Histogram, MetricRegistry } from '../metrics.ts';

export interface RequestMetrics {
  started(): void;
  finished(operation: string, status: number, seconds: number): void;
  render(): Promise<{ mediaType: string; text: string }>;
}

const durations = {
  name: 'lucid_request_duration_seconds',
  help: 'Time to answer a request, by operation and status.',
  buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60],
};

let processMetricsTaken = false;

/** Longest that a timer of Node takes. */
const NEVER_MS = 2_147_483_647;
const SAMPLED = ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'];

/** All of prom-client's but those that it samples by a timer, which would wake an idle process a hundred times a second. */
function addProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: NEVER_MS });
  for (const each of SAMPLED) registry.removeSingleMetric(`nodejs_eventloop_lag_${each}_seconds`);
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Share of the time since the start in which the event loop did not wait.',
    registers: [registry],
    collect() {
      this.set(performance.eventLoopUtilization().utilization);
    },
  });
}

/** The first service of a process also shows the process's metrics (CPU, memory, event loop); once is enough. */
export function createRequestMetrics(service: string, metrics: MetricRegistry): RequestMetrics {
  const inFlight = metrics.gauge({ name: 'lucid_requests_in_flight', help: 'Requests being answered.' });
  const byOperation = new Map<string, Histogram[]>();
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  if (!processMetricsTaken) {
    processMetricsTaken = true;
    addProcessMetrics(registry);
  }
  const histogramOf = (operation: string, status: number): Histogram => {
    const byStatus = byOperation.get(operation) ?? [];
    byOperation.set(operation, byStatus);
    byStatus[status] ??= metrics.histogram({ ...durations, labels: { operation, status: String(status) } });
    return byStatus[status];
  };
  return {
    started: () => inFlight.add(1),
    finished(operation, status, seconds) {
      inFlight.add(-1);
      histogramOf(operation, status).observe(seconds);
    },
    render: async () => ({
      mediaType: registry.contentType,
      text: metrics.render() + (await registry.metrics()),
    }),
  };
}
