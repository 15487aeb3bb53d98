import { apiGatewayContract, type ErrorSpec } from '@lucid/contracts';
import { kitErrors, type ProblemError, problemsOf } from '@lucid/service-kit';

export const problem = problemsOf(apiGatewayContract);

const specs: Readonly<Record<string, ErrorSpec>> = { ...kitErrors, ...apiGatewayContract.errors };

export const specOf = ({ code }: ProblemError): ErrorSpec => specs[code] ?? kitErrors.internal;
