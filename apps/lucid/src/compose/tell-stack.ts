/** What `lucid up --compose` says at its end: where everything is, who administers it, how to go on. */
import { authenticationContract } from '@lucid/contracts';
import { isProblem } from '@lucid/service-kit';
import type { Output } from '../cli/output.ts';
import { shownCertificate } from '../remote/certificate.ts';
import { publishedPorts } from './check-ports.ts';
import { readContainers } from './containers.ts';
import type { Docker } from './docker.ts';
import type { StackModel } from './model.ts';
import type { ComposePlace } from './place.ts';
import { connectToStack } from './stack-services.ts';
import { databaseOf } from './stack-state.ts';

interface Told {
  readonly docker: Docker;
  readonly model: StackModel;
  readonly place: ComposePlace;
  readonly output: Output;
  readonly readyMs: number;
}

/** Where a service is reached from this machine; undefined where it is not published. */
function publishedAt(model: StackModel, service: string, scheme: string): string | undefined {
  const port = publishedPorts(model).find((each) => each.service === service);
  if (!port) return undefined;
  const host = port.host === '0.0.0.0' || port.host === '127.0.0.1' ? 'localhost' : port.host;
  return `${scheme}://${host}:${port.port}`;
}

/** A one-time code while nobody administers the stack; null once somebody does, undefined where that cannot be asked. */
async function firstAdminCode({ docker, model }: Told): Promise<string | null | undefined> {
  if (!model.services.authentication || process.platform !== 'linux') return undefined;
  try {
    const services = connectToStack(docker.env);
    try {
      return (await services.clientOf(authenticationContract).createFirstAdmin({})).code;
    } finally {
      await services.close();
    }
  } catch (error) {
    return isProblem(error, 'admin_exists') ? null : undefined;
  }
}

/** An address, its certificate where it has one that can be seen from here. */
async function gatewayOf({ model }: Told): Promise<{ origin: string; sha256?: string } | undefined> {
  const tls = model.services['api-gateway']?.environment?.GATEWAY_TLS !== 'off';
  const origin = publishedAt(model, 'api-gateway', tls ? 'https' : 'http');
  if (origin === undefined) return undefined;
  const shown = await shownCertificate(origin).catch(() => null);
  return { origin, ...(shown ? { sha256: shown.sha256 } : {}) };
}

export async function tellStack(told: Told): Promise<void> {
  const { docker, model, place, output, readyMs } = told;
  const count = Object.keys(model.services).length;
  const gateway = await gatewayOf(told);
  const docs = publishedAt(model, 'openapi-gateway', 'http');
  const database = await databaseOf(docker, await readContainers(docker, model));
  const code = await firstAdminCode(told);
  const recorderKey = place.setting('LUCID_RECORDER_VERIFIER_KEY');
  const ledgerKey = place.setting('LUCID_LEDGER_VERIFIER_KEY');
  output.json({
    ready: true,
    stack: model.project,
    file: model.file,
    services: Object.keys(model.services),
    ...(gateway ? { gateway: gateway.origin } : {}),
    ...(gateway?.sha256 ? { certificateSha256: gateway.sha256 } : {}),
    ...(docs ? { docs } : {}),
    ...(database ? { database } : {}),
    ...(code ? { adminCode: code } : {}),
    recorderKey,
    ledgerKey,
    readyMs,
  });
  const rows: (readonly [string, string | undefined])[] = [
    ['gateway (sign in here)', gateway?.origin],
    ['  its certificate, SHA-256', gateway?.sha256],
    ['documentation of the API', docs && `${docs}/docs`],
    ['database', database],
    ['recorder key', recorderKey],
    ['ledger key', ledgerKey],
  ];
  output.line(`${count} services are healthy after ${(readyMs / 1000).toFixed(1)} s, stack ${model.project}`);
  for (const [what, value] of rows) if (value) output.line(`${what.padEnd(27)} ${value}`);
  output.line();
  if (model.services['session-recorder']) output.line('record      lucid record --compose -- COMMAND');
  output.line('how it is   lucid doctor --compose');
  output.line('stop it     lucid down --compose   (what it keeps stays)');
  if (code && gateway)
    output.line(
      `\nNobody administers this stack yet. Become its administrator within a day, with a key of yours:\n  lucid keys tron && lucid --host ${gateway.origin} register --code ${code}`,
    );
}
