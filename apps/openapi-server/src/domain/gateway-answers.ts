/** What the gateway itself may answer in place of a service, besides what the service's document says. */
import { apiGatewayContract, type ErrorSpec } from '@lucid/contracts';
import { kitErrors, problemMediaType } from '@lucid/service-kit';

type Json = Record<string, unknown>;

const kitCodes = [
  'invalid_request',
  'forbidden',
  'not_found',
  'request_timeout',
  'payload_too_large',
  'too_many_requests',
  'headers_too_large',
  'bad_answer',
  'unavailable',
  'deadline_exceeded',
] as const satisfies readonly (keyof typeof kitErrors)[];

/** RFC 9110 section 10.2.3; draft-ietf-httpapi-ratelimit-headers. */
const limitHeaders: Json = {
  'Retry-After': { description: 'Seconds to wait.', schema: { type: 'string' } },
  RateLimit: { description: 'What is left of the limit, and for how long.', schema: { type: 'string' } },
};

const own: readonly (readonly [code: string, spec: ErrorSpec])[] = [
  ...kitCodes.map((code) => [code, kitErrors[code]] as const),
  ...Object.entries<ErrorSpec>(apiGatewayContract.errors),
];

const byStatus = new Map<string, readonly string[]>();
for (const [code, { status, title }] of own)
  byStatus.set(String(status), [...(byStatus.get(String(status)) ?? []), `\`${code}\`: ${title}`]);

/** The responses of an operation, with those of the gateway where the service has none of that status. */
export function withGatewayAnswers(responses: Readonly<Record<string, unknown>>): Json {
  const added = [...byStatus]
    .filter(([status]) => responses[status] === undefined)
    .map(([status, lines]) => [
      status,
      {
        description: `Of the gateway. ${lines.join('\n')}`,
        ...(status === '429' ? { headers: limitHeaders } : {}),
        content: { [problemMediaType]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]);
  return { ...responses, ...Object.fromEntries(added) };
}
