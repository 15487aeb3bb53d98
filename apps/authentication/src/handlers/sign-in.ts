import type { authenticationContract } from '@lucid/contracts';
import type { Call, Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { Refusal } from '../domain/refusal.ts';
import { problem } from '../problem.ts';
import type { Device } from '../store/rows.ts';

type SignInOperations = Pick<
  Handlers<typeof authenticationContract, Context>,
  'getJwks' | 'getRevocations' | 'createChallenge' | 'register' | 'login' | 'refreshLogin'
>;

/** Every refusal is answered with the same words; the reason goes to log and audit. */
async function refusing<T>(call: Call, context: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Refusal)) throw cause;
    const { reason, address } = cause;
    call.log.warn({ reason }, 'a sign-in was refused');
    // Whom the message names is not who sent it: mostly nothing has proved that yet.
    await context.audit.add({ event: 'sign_in_refused', by: 'unknown', about: address, detail: { reason } });
    throw problem('login_refused');
  }
}

async function finish(context: Context, address: string, device: Device | undefined): Promise<void> {
  await context.tries.forget('sign-in', address);
  if (device) await context.wallets.used(address, device);
}

export const signInHandlers: SignInOperations = {
  getJwks: (_input, _call, { keys }) => keys.jwks(),

  getRevocations: ({ query: { after = 0, waitMs = 0 } }, call, { revocations }) =>
    revocations.list(after, waitMs, call.signal),

  createChallenge: ({ body: { address, profile = 'user', uri } }, _call, { challenges }) =>
    challenges.give({ address, profile, uri }),

  register: ({ body }, call, context) =>
    refusing(call, context, async () => {
      const { message, signature, invitation, device } = body;
      const proof = await context.challenges.prove(message, signature);
      await context.registration.register(proof.address, invitation);
      const live = await context.logins.begin(proof, { device });
      await finish(context, proof.address, device);
      return context.answers.ofLogin(live);
    }),

  login: ({ body }, call, context) =>
    refusing(call, context, async () => {
      const { message, signature, totp, device } = body;
      const proof = await context.challenges.prove(message, signature);
      const live = await context.logins.begin(proof, { totp, device });
      await finish(context, proof.address, device);
      return context.answers.ofLogin(live);
    }),

  refreshLogin: async ({ body }, call, { refreshing, answers }) => {
    const tell = (reason: string) => call.log.warn({ reason }, 'a refresh was refused');
    return answers.ofLogin(await refreshing.refresh(body.refreshToken, tell));
  },
};
