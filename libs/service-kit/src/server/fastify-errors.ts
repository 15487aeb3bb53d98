/** What Fastify and Node's HTTP parser complain about, as problems. Their texts repeat input and stay inside. */
import { type KitErrorCode, kitErrors, ProblemError, problemDocument, problemMediaType } from '../problem.ts';
import { createRequestId } from '../request-id.ts';

const codes: Readonly<Record<string, KitErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_BAD_URL: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid_request',
};

const jsonFaults = [{ pointer: '/body', expected: 'must be valid JSON' }];

export function problemOfServerError(error: unknown): unknown {
  if (error instanceof ProblemError) return error;
  const { code, statusCode } = (error ?? {}) as { code?: string; statusCode?: number };
  const known = code === undefined ? undefined : codes[code];
  if (known === 'invalid_request' && code?.includes('JSON'))
    return new ProblemError(known, { extensions: { faults: jsonFaults }, cause: error });
  if (known) return new ProblemError(known, { cause: error });
  if (error instanceof SyntaxError && statusCode === 400)
    return new ProblemError('invalid_request', { extensions: { faults: jsonFaults }, cause: error });
  if (code?.startsWith('FST_') && statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new ProblemError('invalid_request', { cause: error });
  return error;
}

const parserCodes: Readonly<Record<string, KitErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** The whole HTTP answer to bytes that never became a request. */
export function rawProblem(error: { code?: string }): string {
  const code = parserCodes[error.code ?? ''] ?? 'invalid_request';
  const spec = kitErrors[code];
  const problem = new ProblemError(code);
  const requestId = createRequestId();
  const body = JSON.stringify(problemDocument({ problem, spec, requestId }));
  return [
    `HTTP/1.1 ${spec.status} Problem`,
    `Content-Type: ${problemMediaType}`,
    `X-Request-Id: ${requestId}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
