export { createTestAccounts, type TestAccounts } from './auth/test-accounts.ts';
export {
  startTestStack,
  type TestStack,
  type TestStackOptions,
  type TestTransport,
  testTransports,
} from './hosts/test-stack.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
export { problemOf } from './test-problem.ts';
export { eventually } from './test-waiting.ts';
