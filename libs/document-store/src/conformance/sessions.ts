import { defineCollection } from '../definition.ts';
import type { Session } from './harness.ts';

export const sessions = defineCollection<Session>({
  name: 'sessions',
  key: (session) => session.id,
  indexes: [
    { name: 'byOwner', fields: ['owner', 'startedAtMs'] },
    { name: 'byState', fields: ['state'] },
    { name: 'byAnchor', fields: ['anchor'], unique: true },
  ],
  expiresAt: 'doneAtMs',
});

export const session = (id: string, more: Partial<Session> = {}): Session => ({
  id,
  state: 'created',
  ...more,
});
