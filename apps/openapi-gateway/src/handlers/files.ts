import type { openapiGatewayContract } from '@lucid/contracts';
import type { Call, Handlers } from '@lucid/service-kit';
import type { Context } from '../context.ts';

type FileOperation = Extract<
  keyof (typeof openapiGatewayContract)['operations'],
  `getDocs${string}` | `getSwagger${string}` | 'getFrontPage'
>;

const file =
  (operation: Exclude<FileOperation, 'getFrontPage'>) =>
  (_input: unknown, call: Call, { answers, server }: Context): Promise<Uint8Array> =>
    answers.get(operation, () => server[operation]({}, { call }));

export const fileHandlers: Pick<Handlers<typeof openapiGatewayContract, Context>, FileOperation> = {
  getFrontPage: file('getDocsPage'),
  getDocsPage: file('getDocsPage'),
  getDocsScript: file('getDocsScript'),
  getDocsStyle: file('getDocsStyle'),
  getSwaggerScript: file('getSwaggerScript'),
  getSwaggerStyle: file('getSwaggerStyle'),
  getSwaggerIcon: file('getSwaggerIcon'),
  getSwaggerLicence: file('getSwaggerLicence'),
};
