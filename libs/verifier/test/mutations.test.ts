/** Random tampering: none is accepted, and where a record was touched it is named with its moment. */
import { createBytesReader, type Verdict, verifyBundle } from '../src/index.ts';
import { createVictim, type Mutant, mutations, type Victim } from './mutations.ts';
import { seededNumbers, timeOf } from './sample-session.ts';

const COUNT = Number(process.env.MUTATIONS ?? (process.env.LUCID_SLOW ? 10_000 : 500));
const SEED = process.env.SEED ?? 'mutations';
const names = Object.keys(mutations);

function judgeName(verdict: Verdict, { firstBad, named }: Mutant): string | null {
  if (firstBad !== undefined && verdict.firstBad?.record !== firstBad)
    return `names record ${verdict.firstBad?.record} first, not ${firstBad}`;
  const all = verdict.faults.map(({ record }) => record);
  return named !== undefined && !all.includes(named) ? `names ${all}, not ${named}` : null;
}

/** The moment lies between the end of the record before and the beginning of the one behind. */
function judgeMoment(
  verdict: Verdict,
  { session: { records } }: Victim,
  { firstBad }: Mutant,
): string | null {
  if (firstBad === undefined) return null;
  // Of a file that ends inside the header of record 0 no moment is left.
  if (firstBad === 0 && verdict.summary.fileSizeBytes < 64 + 128) return null;
  const atUs = verdict.firstBad?.atUs ?? Number.NaN;
  // Before record 0 lies nothing sound: where its own times were changed, nothing tells how early it was.
  const from = firstBad === 0 ? 0 : timeOf(records[firstBad - 1]!).untilUs;
  const next = records[firstBad + 1];
  const until = next === undefined ? timeOf(records[firstBad]!).untilUs : timeOf(next).fromUs;
  return atUs >= from && atUs <= until ? null : `moment ${atUs} is not between ${from} and ${until}`;
}

test(`${COUNT} mutations are refused (seed ${SEED})`, async () => {
  const wrong: string[] = [];
  let victim = createVictim(SEED, seededNumbers(SEED));
  for (let run = 0; run < COUNT; run++) {
    const draw = seededNumbers(`${SEED}/${run}`);
    const group = `${SEED}/group ${Math.floor(run / names.length)}`;
    if (run % names.length === 0) victim = createVictim(group, seededNumbers(group));
    const name = names[run % names.length]!;
    const mutant = mutations[name]!(victim, draw);
    const { recorder, ledger, witness } = victim.session;
    const options = {
      recorderKeys: [recorder.vkey],
      ledgerKeys: [ledger.vkey],
      witnessKeys: [witness.vkey],
      ...mutant.options,
    };
    const verdict = await verifyBundle(createBytesReader(mutant.bytes), options);
    const fault = verdict.ok
      ? 'accepted'
      : (judgeName(verdict, mutant) ?? judgeMoment(verdict, victim, mutant));
    const said = verdict.faults.slice(0, 4).map(({ code, record }) => `${code} ${record ?? ''}`);
    if (fault !== null) wrong.push(`run ${run}, ${name}: ${fault} (${said.join(', ')})`);
  }
  expect(wrong).toEqual([]);
}, 600_000);
