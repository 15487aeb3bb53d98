import { apiServerContract } from '@lucid/contracts';
import type { Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { LIMITS } from '../limits.ts';

type MetaHandlers = Pick<Handlers<typeof apiServerContract, Context>, 'getInfo' | 'getVersion' | 'getLimits'>;

const { service, version, basePath } = apiServerContract;
const resources = ['sessions', 'manifests', 'policies', 'chain', 'users', 'meta'];

export const metaHandlers: MetaHandlers = {
  getInfo: () => ({ name: 'lucid', service, version, basePath, resources }),
  getVersion: () => ({ service, version }),
  getLimits: () => ({ ...LIMITS }),
};
