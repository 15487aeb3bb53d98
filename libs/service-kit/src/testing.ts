export {
  startTestStack,
  type TestStack,
  type TestStackOptions,
  type TestTransport,
  testTransports,
} from './hosts/test-stack.ts';
export { createManualClock, type ManualClock } from './manual-clock.ts';
