export {
  type AccessKeySource,
  type AccessKeys,
  type AccessKeysOptions,
  createAccessKeys,
} from './auth/access-keys.ts';
export {
  type AccessSigningKey,
  type AccountVerifier,
  createAccessTokenSigner,
  createAccountVerifier,
  type SignedInAccount,
} from './auth/access-tokens.ts';
export type { Accounts } from './auth/accounts.ts';
export {
  createServiceKeys,
  type Keyring,
  keyringOf,
  parseKeyring,
  parseServiceKey,
  type ServiceKey,
} from './auth/keys.ts';
export {
  createTokenSource,
  createTokenVerifier,
  type TokenSource,
  type TokenVerifier,
} from './auth/tokens.ts';
export { type BreakerOptions, withBreaker } from './client/breaker.ts';
export { type CallOptions, type Client, type ClientOptions, createClient } from './client/client.ts';
export { createHttpTransport, type HttpTarget, parseTarget } from './client/http-transport.ts';
export { createLocalTransport } from './client/local-transport.ts';
export { type RetryOptions, withRetry } from './client/retry.ts';
export type { OutgoingCall, Send, Transport } from './client/send.ts';
export { type Clock, systemClock } from './clock.ts';
export {
  type Command,
  type CommandArguments,
  type Commands,
  type CommandTarget,
  commandsOf,
  UsageError,
} from './commands/command.ts';
export { type CommandProcess, runServiceOrCommand } from './commands/run-command.ts';
export {
  ConfigError,
  type ConfigFault,
  type Environment,
  judgeEnvironment,
  loadConfig,
  readEnvironment,
  secret,
} from './config.ts';
export {
  type AnyServiceDefinition,
  type Call,
  type ClientsOf,
  type ContextOptions,
  defineService,
  type Handler,
  type Handlers,
  type ReadyChecks,
  type ServiceContext,
  type ServiceDefinition,
  type Uses,
  type Worker,
} from './definition.ts';
export { accountOf } from './dispatch/guard.ts';
export { type AllInOneOptions, socketPathOf, startAllInOne } from './hosts/all-in-one.ts';
export type { LateServices } from './hosts/late-group.ts';
export { urlVariable } from './hosts/process-config.ts';
export { type ProcessLike, runService } from './hosts/run-service.ts';
export type { ServiceGroup } from './hosts/service-group.ts';
export type { Stack, StackOptions } from './hosts/stack.ts';
export { JsonText, jsonText } from './json-text.ts';
export { KeyedQueue } from './keyed-queue.ts';
export { createLog, type Log, type LogDestination, type LogLevel, logDestination, silentLog } from './log.ts';
export type { Counter, Gauge, Histogram, MetricOptions, Metrics } from './metrics.ts';
export { type OpenApiDocument, openApiOf } from './openapi.ts';
export {
  isProblem,
  type KitErrorCode,
  kitErrors,
  type ProblemDocument,
  ProblemError,
  type ProblemOptions,
  problemDocument,
  problemMediaType,
  problemsOf,
} from './problem.ts';
export type { DependencyState, Readiness } from './readiness.ts';
export { acceptRequestId, requestIdHeader } from './request-id.ts';
export type { RequestLine } from './request-log.ts';
export type { Front, FrontHost, FrontServerOptions, RawRequest, RawResponse } from './server/front.ts';
export { type FrontRefusal, refuseRequest, refuseUpgrade } from './server/front-refusal.ts';
export { storing, withStoreProblems } from './store-problems.ts';
export type { Tracing } from './tracing.ts';
export { Wakeup } from './wakeup.ts';
