export { createLimitedFront, type LimitedFrontOptions, senderOf } from './front.ts';
