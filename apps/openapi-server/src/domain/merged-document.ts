/** One document of what is reached from outside: what the gateway passes on, at the gateway's addresses. */
import { createHash } from 'node:crypto';
import { PROFILES, reaches } from '@lucid/access';
import { type ContractSpec, type GatewayRoute, gatewayPublic, gatewayRoutes } from '@lucid/contracts';
import { type OpenApiDocument, openApiOf } from '@lucid/service-kit';
import { withGatewayAnswers } from './gateway-answers.ts';

type Json = Record<string, unknown>;
type Paths = Record<string, Record<string, Json>>;

/** Its name among the documents; no service is called so. */
export const mergedName = 'lucid';

/** @throws TypeError where two services offer the same method at the same address */
export function mergedDocumentOf(contracts: readonly ContractSpec[]): OpenApiDocument {
  const paths: Paths = {};
  const tags: { name: string; description: string }[] = [];
  let components: Json = {};
  for (const contract of contracts) {
    const document = openApiOf(contract);
    const added = outsideOf(contract.service, document);
    if (added.length === 0) continue;
    for (const { path, method, operation } of added) {
      if (paths[path]?.[method])
        throw new TypeError(`${contract.service} offers ${method} ${path}, and another service does`);
      paths[path] = { ...paths[path], [method]: operation };
    }
    components = mergeComponents(components, document.components);
    tags.push({ name: contract.service, description: contract.summary });
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lucid',
      version: versionOf(paths),
      description: 'What is reached from outside, through the gateway. Sign in for an access token.',
    },
    paths,
    components,
    ...{ servers: [{ url: '/', description: 'the gateway' }], tags },
  };
}

/** Version of the address space, and which of its states this is. */
const versionOf = (paths: Paths): string =>
  `1.0.0+${createHash('sha256').update(JSON.stringify(paths)).digest('hex').slice(0, 12)}`;

interface Outside {
  readonly path: string;
  readonly method: string;
  readonly operation: Json;
}

function outsideOf(service: string, document: OpenApiDocument): readonly Outside[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, operation]) => {
      const callers = operation['x-callers'] as readonly string[];
      if (!callers.includes('account') && !callers.includes('public')) return [];
      return addressesOf(service, path).map((address) => ({
        path: address,
        method,
        operation: seenFromOutside({ service, address, method, operation, own: address === path }),
      }));
    }),
  );
}

/** Where the gateway offers a path of a service: nowhere, at the same address, at another, or at both. */
function addressesOf(service: string, path: string): readonly string[] {
  const own = routeOf(path)?.service === service ? [path] : [];
  const others = gatewayRoutes.filter((each) => each.service === service && each.forwardAs === path);
  return [...own, ...others.map((each) => each.prefix)];
}

/** The longest prefix of whole segments decides, as in the gateway. */
function routeOf(path: string): GatewayRoute | undefined {
  return gatewayRoutes
    .filter(({ prefix, exact }) => path === prefix || (!exact && path.startsWith(`${prefix}/`)))
    .reduce<GatewayRoute | undefined>(
      (best, each) => (best && best.prefix.length >= each.prefix.length ? best : each),
      undefined,
    );
}

function seenFromOutside(given: {
  service: string;
  address: string;
  method: string;
  operation: Json;
  own: boolean;
}): Json {
  const { service, address, method, operation, own } = given;
  const { 'x-callers': _callers, ...rest } = operation;
  const open = gatewayPublic.some((each) => each.path === address && each.method === method.toUpperCase());
  return {
    ...rest,
    operationId: `${service}.${operation.operationId}${own ? '' : '.wellKnown'}`,
    tags: [service],
    responses: withGatewayAnswers(operation.responses as Json),
    // What anybody may call at a service needs a token at the gateway, unless that says otherwise.
    security: open ? [{}] : [{ accessToken: [] }],
    'x-profiles': PROFILES.filter((profile) => open || reaches(profile, service)),
  };
}

/** Members of the kit's documents are the same in each; one that were not would be lost silently. */
function mergeComponents(merged: Json, added: Json): Json {
  const all: Record<string, Json> = { ...(merged as Record<string, Json>) };
  for (const [kind, members] of Object.entries(added as Record<string, Json>)) {
    for (const [name, member] of Object.entries(members)) {
      const known = all[kind]?.[name];
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(member))
        throw new TypeError(`two services differ about ${kind}/${name}`);
      all[kind] = { ...all[kind], [name]: member };
    }
  }
  return all;
}
