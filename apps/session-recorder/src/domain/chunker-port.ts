import type { sessionChunkerContract, sessionOrchestratorContract } from '@lucid/contracts';
import type { Client } from '@lucid/service-kit';

export type ChunkerPort = Pick<
  Client<typeof sessionChunkerContract>,
  'openStream' | 'appendBytes' | 'appendEvent' | 'flushStream' | 'closeStream'
>;
export type OrchestratorPort = Pick<Client<typeof sessionOrchestratorContract>, 'stopSession'>;
