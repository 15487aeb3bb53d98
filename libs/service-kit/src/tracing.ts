/** Traces, on when `OTEL_EXPORTER_OTLP_ENDPOINT` is set; else nothing is loaded and a span is one function call. */

export interface SpanOptions {
  readonly kind: 'server' | 'client';
  readonly name: string;
  /** W3C traceparent of the span above. */
  readonly parent?: string | undefined;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

export interface Tracing {
  /** Runs work inside a span and hands it the traceparent by which others hang below it. */
  run<T>(span: SpanOptions, work: (traceparent: string | undefined) => Promise<T>): Promise<T>;
  /** Sends what is not sent yet. */
  close(): Promise<void>;
}

export const noTracing: Tracing = {
  async run(span, work) {
    return await work(span.parent);
  },
  async close() {},
};

/** `service` names the process's spans. */
export async function createTracing(options: {
  service: string;
  version: string;
  endpoint: string | undefined;
}): Promise<Tracing> {
  if (!options.endpoint) return noTracing;
  const { createOtlpTracing } = await import('./otlp-tracing.ts');
  return createOtlpTracing({ ...options, endpoint: options.endpoint });
}
