/** The only importer of undici; imported itself at the first call, so that commands without HTTP do not load it. */
import { Agent } from 'undici';
import type { HttpTarget } from './http-transport.ts';

export type { Agent, Dispatcher } from 'undici';

export const createAgent = (target: HttpTarget): Agent =>
  new Agent({
    connect: { timeout: 5_000, ...(target.socketPath ? { socketPath: target.socketPath } : {}) },
    keepAliveTimeout: 20_000,
    connections: 64,
    // The deadline of each call bounds both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
