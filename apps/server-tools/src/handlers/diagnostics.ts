import type { serverToolsContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

type Diagnoses = Extract<keyof (typeof serverToolsContract)['operations'], `diagnose${string}`>;

export const diagnosticHandlers: Pick<Handlers<typeof serverToolsContract, Context>, Diagnoses> = {
  diagnose: (_input, _call, { diagnostics }) => diagnostics.all(),
  diagnoseDns: ({ query }, _call, { diagnostics }) => diagnostics.dns(query.service),
  diagnoseTcp: ({ query }, _call, { diagnostics }) => diagnostics.tcp(query.service),
  diagnoseHttp: ({ query }, _call, { diagnostics }) => diagnostics.http(query.service),
  diagnoseTor: (_input, _call, { diagnostics }) => diagnostics.tor(),
  diagnoseDisk: (_input, _call, { diagnostics }) => diagnostics.disk(),
  diagnoseClock: (_input, _call, { diagnostics }) => diagnostics.clock(),
};
