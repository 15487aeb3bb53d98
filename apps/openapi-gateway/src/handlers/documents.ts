import type { openapiGatewayContract } from '@lucid/contracts';
import type { RateRule } from '@lucid/rate-limit';
import { type Call, type Handlers, jsonText } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { problem } from '../problem.ts';

type DocumentOperation = 'listDocuments' | 'getJsonDocument' | 'getYamlDocument';

/** Of one account, whatever address it comes from; pages of many users come through one proxy. */
const accountRule: RateRule = { name: 'docs_account', limit: 100, windowMs: 60_000 };

async function count(call: Call, { limits }: Context): Promise<void> {
  const decision = await limits.take(accountRule, call.account?.address ?? call.caller);
  if (!decision.allowed)
    throw problem('too_many_requests', { extensions: { retryAfterMs: decision.retryAfterMs } });
}

/** The account's own token goes along: the server judges it, too. */
const asAccount = (call: Call) => ({ call, asAccount: true }) as const;

export const documentHandlers: Pick<Handlers<typeof openapiGatewayContract, Context>, DocumentOperation> = {
  listDocuments: async (_input, call, context) => {
    await count(call, context);
    const { answers, server } = context;
    return answers.get('list', async () =>
      jsonText(JSON.stringify(await server.listDocuments({}, asAccount(call)))),
    );
  },
  getJsonDocument: async ({ params }, call, context) => {
    await count(call, context);
    const { answers, server } = context;
    return answers.get(`json ${params.name}`, async () =>
      jsonText(JSON.stringify(await server.getJsonDocument({ params }, asAccount(call)))),
    );
  },
  getYamlDocument: async ({ params }, call, context) => {
    await count(call, context);
    const { answers, server } = context;
    return answers.get(`yaml ${params.name}`, () => server.getYamlDocument({ params }, asAccount(call)));
  },
};
