import type { openapiServerContract } from '@lucid/contracts';
import { type Handlers, jsonText } from '@lucid/service-kit';
import type { Context } from '../context.ts';
import { mergedName } from '../domain/merged-document.ts';
import { problem } from '../problem.ts';

type DocumentOperation = 'listDocuments' | 'getJsonDocument' | 'getYamlDocument';

const found = ({ documents }: Context, name: string) => {
  const document = documents.find(name);
  if (!document) throw problem('document_unknown');
  return document;
};

export const documentHandlers: Pick<Handlers<typeof openapiServerContract, Context>, DocumentOperation> = {
  listDocuments: async (_input, _call, { documents, running }) => {
    const states = await running.of(documents.services);
    const services = documents.services.map((name, index) => ({
      ...documents.get(name).entry,
      running: states[index] ?? { state: 'unknown' as const },
    }));
    return { merged: documents.get(mergedName).entry, services };
  },
  getJsonDocument: ({ params }, _call, context) => jsonText(found(context, params.name).json),
  getYamlDocument: ({ params }, _call, context) => found(context, params.name).yaml(),
};
