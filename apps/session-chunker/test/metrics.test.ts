/** What an operator sees of chunker and encryptor at `GET /metrics`. */
import { createManualClock } from '@lucid/service-kit/testing';
import {
  type EvidenceRig,
  noise,
  startEvidenceRig,
  startSession,
} from '../../session-recorder/test/evidence-rig.ts';

const CHUNK = 65_536;

async function told(rig: EvidenceRig, service: string): Promise<(line: string) => number | undefined> {
  const text = await (await fetch(`${rig.stack.targetOf(service)?.origin}/metrics`)).text();
  const values = new Map(
    text.split('\n').map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at).replace(`service="${service}"`, ''), Number(line.slice(at))];
    }),
  );
  return (line) => values.get(line);
}

it('tells what was taken, why it was cut, what was sealed, what is open', async () => {
  const clock = createManualClock();
  const rig = await startEvidenceRig({
    transport: 'tcp',
    clock,
    environment: { CHUNK_MAX_AGE_MS: '2000' },
  });
  const sessionId = await startSession(rig);
  const params = { sessionId };
  const put = (offset: number, body: Uint8Array) =>
    rig.chunker.appendBytes({
      params: { ...params, track: 0 },
      query: { offset, fromUs: 5, untilUs: 6 },
      body,
    });
  await put(0, noise(CHUNK + 10));
  await clock.advance(2_000);
  await put(CHUNK + 10, noise(20));
  await rig.chunker.appendEvent({ params, body: { event: 'note', atUs: 7 } });
  const chunker = await told(rig, 'session-chunker');
  expect(chunker('lucid_chunker_taken_bytes_total{}')).toBe(CHUNK + 30);
  expect(chunker('lucid_chunker_packed_bytes_total{}')).toBe(CHUNK + 30);
  expect(chunker('lucid_chunker_cuts_total{,why="size"}')).toBe(1);
  expect(chunker('lucid_chunker_cuts_total{,why="age"}')).toBe(1);
  expect(chunker('lucid_chunker_cuts_total{,why="asked"}')).toBe(1);
  expect(chunker('lucid_chunker_store_seconds_count{}')).toBe(3);
  expect(chunker('lucid_chunker_open_streams{}')).toBe(1);
  const encryptor = await told(rig, 'session-encryptor');
  expect(encryptor('lucid_encryptor_keys_held{}')).toBe(1);
  await rig.chunker.closeStream({ params, body: { closed: 'ended', atUs: 9 } });
  expect((await told(rig, 'session-chunker'))('lucid_chunker_open_streams{}')).toBe(0);
  const closed = await told(rig, 'session-encryptor');
  expect(closed('lucid_encryptor_keys_held{}')).toBe(0);
  expect(closed('lucid_encryptor_records_total{,type="header"}')).toBe(1);
  expect(closed('lucid_encryptor_records_total{,type="chunk"}')).toBe(3);
  expect(closed('lucid_encryptor_records_total{,type="event"}')).toBe(1);
  expect(closed('lucid_encryptor_records_total{,type="close"}')).toBe(1);
  expect(closed('lucid_encryptor_plain_bytes_total{}')).toBe(CHUNK + 30);
  const { storedBytes } = await rig.reader.recordsHead({ params });
  expect(closed('lucid_encryptor_stored_bytes_total{}')).toBe(storedBytes);
  expect(closed('lucid_encryptor_store_seconds_count{}')).toBe(6);
  await rig.close();
});
