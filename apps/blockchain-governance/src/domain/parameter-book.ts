/** Parameters: the index says which there are and what became of them, the registry what holds. */
import { question } from '@lucid/chain-client';
import { type ParameterClass, parameterClasses } from '@lucid/chain-contracts';
import type { GovernedParameter, ParameterChange } from '@lucid/contracts';
import type { Static } from 'typebox';
import { problem } from '../problem.ts';
import { toChainPlace } from './chain-place.ts';
import type { Governance } from './contracts.ts';
import type { ParameterDefined, ParameterSet } from './governance-event.ts';
import type { IndexReader } from './index-reader.ts';

interface ParameterBookOptions {
  readonly governance: Governance;
  readonly index: IndexReader;
}

interface PageOptions {
  readonly limit: number;
  readonly after?: string | undefined;
}

type Told = Static<typeof GovernedParameter>;

export class ParameterBook {
  readonly #options: ParameterBookOptions;

  constructor(options: ParameterBookOptions) {
    this.#options = options;
  }

  /** @throws ProblemError governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async list(): Promise<{ parameters: Told[] }> {
    await this.#options.index.refresh();
    return { parameters: await this.#told(await this.definitions()) };
  }

  /** @throws ProblemError parameter_unknown, governance_absent, chain_unavailable, chain_replaced, index_clearing */
  async get(name: string): Promise<Told> {
    const [told] = await this.#told([await this.#find(name)]);
    return told as Told;
  }

  /** @throws ProblemError parameter_unknown, invalid_request, governance_absent, chain_unavailable, … */
  async history(name: string, page: PageOptions) {
    const { parameterKey } = await this.#find(name);
    const range = { index: 'byParameter', equals: [parameterKey] };
    const { items, next } = await this.#options.index.page(['parameter', 'change'], { ...range, ...page });
    const changes = items.map((each) => this.#change(each));
    return { changes: await Promise.all(changes), next };
  }

  /** Has the index take what is new. @throws ProblemError governance_absent, chain_unavailable, chain_replaced, index_clearing */
  refresh = (): Promise<void> => this.#options.index.refresh();

  /** As the index has them, at most 256. */
  definitions = (): Promise<ParameterDefined[]> =>
    this.#options.index.all('parameter', { index: 'byKind', equals: ['parameter'] });

  async #find(name: string): Promise<ParameterDefined> {
    await this.#options.index.refresh();
    const found = (await this.definitions()).find((each) => each.name === name);
    if (found === undefined) throw problem('parameter_unknown');
    return found;
  }

  async #told(definitions: readonly ParameterDefined[]): Promise<Told[]> {
    const { governance } = this.#options;
    const { registry } = await governance.contracts();
    const asked = definitions.map(({ parameterKey }) => question(registry, 'parameter', [parameterKey]));
    const values = await governance.ask(...asked);
    return definitions.map(({ name, parameterKey, description }, at) => {
      const { value, min, max, class: number, fixedValue, changes } = values[at] as (typeof values)[number];
      return {
        ...{ name, key: parameterKey, description },
        ...{ value: String(value), min: String(min), max: String(max) },
        class: parameterClasses[number] as ParameterClass,
        fixed: fixedValue,
        changes: Number(changes),
      };
    });
  }

  async #change(each: ParameterDefined | ParameterSet): Promise<Static<typeof ParameterChange>> {
    return {
      value: each.value,
      oldValue: each.kind === 'change' ? each.oldValue : null,
      proposalId: each.kind === 'change' ? await this.#proposalOf(each) : null,
      ...toChainPlace(each),
    };
  }

  /** The execution in the same transaction: it is told after what it did. */
  async #proposalOf({ transactionHash, logIndex }: ParameterSet): Promise<string | null> {
    const found = await this.#options.index.first('executed', {
      index: 'byExecution',
      equals: [transactionHash],
      from: logIndex,
    });
    return found?.proposalId ?? null;
  }
}
