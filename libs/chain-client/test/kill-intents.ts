import type { Intent } from '../src/index.ts';

export const killedIntent = (index: number): Intent => ({
  intentId: `killed-${index}`,
  to: `0x${'4c'.repeat(20)}`,
  data: `0x${(index + 1).toString(16).padStart(8, '0')}`,
});
