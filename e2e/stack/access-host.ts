/** A whole host with its gateway, as `lucid up` runs it, and users of every role who really signed in. */
import { randomBytes } from 'node:crypto';
import type { Profile, Role } from '@lucid/access';
import { authenticationContract, type ContractSpec } from '@lucid/contracts';
import {
  type Client,
  createClient,
  createHttpTransport,
  type HttpTarget,
  type Transport,
} from '@lucid/service-kit';
import { secretKeyToAddress, signMessage } from '@lucid/tron-message';
import { type HostProcess, LucidCli } from './lucid-cli.ts';
import { totpCode } from './totp.ts';

export interface SignedInUser {
  readonly address: string;
  readonly secretKey: Uint8Array;
  readonly role: Role;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface Ready {
  readonly gateway: string;
  readonly docs: string;
  readonly ledger: string;
  readonly adminCode?: string;
}

type Authentication = Client<typeof authenticationContract>;

export class AccessHost {
  readonly cli: LucidCli;
  readonly ready: Ready;
  #host: HostProcess;
  readonly #transports: Transport[] = [];
  #superAdmin: Promise<SignedInUser> | null = null;

  private constructor(cli: LucidCli, host: HostProcess) {
    this.cli = cli;
    this.#host = host;
    this.ready = host.ready as Ready;
  }

  static async start(root: string, ...args: string[]): Promise<AccessHost> {
    const cli = new LucidCli({ root });
    return new AccessHost(cli, await cli.up(...args));
  }

  get host(): HostProcess {
    return this.#host;
  }

  targetOf(service: string): HttpTarget {
    return this.#host.targetOf(service);
  }

  /** A client that carries the token, or none; past the gateway unless told otherwise. */
  clientOf<const C extends ContractSpec>(
    contract: C,
    { token, through = 'socket' }: { token?: string; through?: 'socket' | 'gateway' } = {},
  ): Client<C> {
    const target = through === 'gateway' ? { origin: this.ready.gateway } : this.targetOf(contract.service);
    const transport = createHttpTransport(target);
    this.#transports.push(transport);
    return createClient(contract, transport, {
      breaker: false,
      retry: false,
      ...(token ? { tokens: () => token } : {}),
    });
  }

  async signIn(
    key: { address: string; secretKey: Uint8Array },
    how: {
      readonly profile?: Profile;
      readonly register?: boolean;
      readonly code?: string;
      readonly totp?: string;
    } = {},
  ): Promise<SignedInUser> {
    const client: Authentication = this.clientOf(authenticationContract);
    const { profile, register, code, totp } = how;
    const { message } = await client.createChallenge({
      body: { address: key.address, ...(profile ? { profile } : {}) },
    });
    const signed = { message, signature: signMessage(key.secretKey, message) };
    const answer = register
      ? await client.register({ body: { ...signed, ...(code ? { invitation: code } : {}) } })
      : await client.login({ body: { ...signed, ...(totp ? { totp } : {}) } });
    return {
      ...key,
      role: answer.account.role,
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken,
    };
  }

  /** The first administrator, by the code that the host printed. */
  superAdmin(): Promise<SignedInUser> {
    this.#superAdmin ??= this.signIn(newKey(), { register: true, code: this.ready.adminCode as string }).then(
      (user) => this.#withAuthenticator(user),
    );
    return this.#superAdmin;
  }

  /** A new user of this role. */
  async user(role: Role): Promise<SignedInUser> {
    const { accessToken } = await this.superAdmin();
    const key = newKey();
    await this.clientOf(authenticationContract, { token: accessToken }).inviteUser({
      body: { address: key.address, role },
    });
    const admin = role === 'ADMIN' || role === 'SUPER_ADMIN';
    const user = await this.signIn(key, { register: true, ...(admin ? { profile: 'admin' as const } : {}) });
    return admin ? this.#withAuthenticator(user) : user;
  }

  async #withAuthenticator(user: SignedInUser): Promise<SignedInUser> {
    const client = this.clientOf(authenticationContract, { token: user.accessToken });
    const { secret } = await client.beginTotp({});
    await client.confirmTotp({ body: { code: totpCode(secret, Date.now()) } });
    const answer = await this.clientOf(authenticationContract).refreshLogin({
      body: { refreshToken: user.refreshToken },
    });
    return {
      ...user,
      role: answer.account.role,
      accessToken: answer.accessToken,
      refreshToken: answer.refreshToken,
    };
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.#transports.map((each) => each.close()));
    await this.cli.dispose();
  }
}

export function newKey(): { address: string; secretKey: Uint8Array } {
  const secretKey = new Uint8Array(randomBytes(32));
  return { address: secretKeyToAddress(secretKey), secretKey };
}
