/** OpenTelemetry spans over OTLP/HTTP. Loaded only where an endpoint is configured. */
import { ROOT_CONTEXT, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ProblemError } from './problem.ts';
import type { SpanOptions, Tracing } from './tracing.ts';

/** https://www.w3.org/TR/trace-context/#traceparent-header, version 00. */
const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export const formatTraceparent = (span: SpanContext): string =>
  `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;

export function parseTraceparent(text: string | undefined): SpanContext | null {
  const [, traceId, spanId, flags] = traceparentPattern.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
}

export function createOtlpTracing(options: { service: string; version: string; endpoint: string }): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.service, 'service.version': options.version }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer('lucid', options.version);

  return {
    async run<T>(span: SpanOptions, work: (traceparent: string | undefined) => Promise<T>): Promise<T> {
      const above = parseTraceparent(span.parent);
      const context = above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT;
      const kind = span.kind === 'server' ? SpanKind.SERVER : SpanKind.CLIENT;
      const open = tracer.startSpan(span.name, { kind, attributes: { ...span.attributes } }, context);
      try {
        return await work(formatTraceparent(open.spanContext()));
      } catch (error) {
        const code = error instanceof ProblemError ? error.code : 'internal';
        open.setStatus({ code: SpanStatusCode.ERROR, message: code });
        open.setAttribute('error.type', code);
        throw error;
      } finally {
        open.end();
      }
    },
    async close() {
      // A collector that is down must not keep a service from stopping.
      await provider.shutdown().catch(() => {});
    },
  };
}
