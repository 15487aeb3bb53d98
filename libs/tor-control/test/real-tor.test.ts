/** Against Debian's tor, which reaches nothing: `DisableNetwork 1`. */
import { randomBytes } from 'node:crypto';
import { describeWhere } from '../../../e2e/stack/skip-loudly.ts';
import { startLoneTor, type TestTor, whyNoTor } from '../../../tools/test-tor.mjs';
import {
  base32ToBytes,
  ControlLink,
  createClientKeyPair,
  isServiceId,
  isTorControlError,
  onionKeyOf,
  openTorControl,
  readProtocolInfo,
  type TorControl,
} from '../src/index.ts';

describeWhere(whyNoTor(), "Tor's control port")('the control port of a real tor', () => {
  let tor: TestTor & { dispose(): Promise<void> };
  let control: TorControl;
  const place = () => {
    const [host = '', port = ''] = tor.controlAddress.split(':');
    return { host, port: Number(port) };
  };
  const open = () => openTorControl({ ...place(), credentials: { password: tor.controlPassword } });
  const ports = [{ port: 80, target: { host: '127.0.0.1', port: 8080 } }];

  beforeAll(async () => {
    tor = await startLoneTor();
    control = await open();
  });
  afterAll(async () => {
    await control?.close();
    await tor?.dispose();
  });

  it('opens by password and by cookie, and to nobody else', async () => {
    const byCookie = await openTorControl({ ...place(), credentials: { cookieFile: tor.cookieFile } });
    expect(await byCookie.info('version')).toMatch(/^0\.4\./);
    await byCookie.close();
    for (const password of ['wrong', '', 'with "quotes" and \\'])
      await expect(openTorControl({ ...place(), credentials: { password } })).rejects.toMatchObject({
        code: 'auth_refused',
      });
  });

  it('says to anybody what it is', async () => {
    const { version, methods } = await readProtocolInfo(place());
    expect(version).toMatch(/^0\.4\./);
    expect([...methods].sort()).toEqual(['COOKIE', 'HASHEDPASSWORD', 'SAFECOOKIE']);
  });

  it('says how far it has come', async () => {
    expect(await control.bootstrapPhase()).toEqual({ progress: 0, tag: 'starting', summary: 'Starting' });
    expect(await control.circuits()).toEqual([]);
    await control.newIdentity();
    await expect(control.info('no/such/thing')).rejects.toMatchObject({ code: 'refused', status: 552 });
  });

  it('makes an onion service with a key of its own, and one with ours, whose address is as we say', async () => {
    const made = await control.addOnion({ ports, maxStreams: 100 });
    expect(isServiceId(made.serviceId)).toBe(true);
    expect(await control.removeOnion(made.serviceId)).toBe(true);
    expect(await control.addOnion({ key: made.key as string, ports })).toEqual({ serviceId: made.serviceId });
    for (let at = 0; at < 20; at++) {
      const own = onionKeyOf(randomBytes(32));
      expect(await control.addOnion({ key: own.key, ports, detach: true })).toEqual({
        serviceId: own.serviceId,
      });
      expect(await control.detachedOnions()).toContain(own.serviceId);
      const again = control.addOnion({ key: own.key, ports, detach: true });
      await expect(again).rejects.toMatchObject({ code: 'refused', status: 550 });
      expect(await control.removeOnion(own.serviceId)).toBe(true);
      expect(await control.removeOnion(own.serviceId)).toBe(false);
    }
    expect(await control.detachedOnions()).toEqual([]);
  });

  it('keeps what is detached when the connection ends, and ends what is not', async () => {
    const other = await open();
    const stays = onionKeyOf(randomBytes(32));
    const goes = onionKeyOf(randomBytes(32));
    const clients = [createClientKeyPair().publicKey, createClientKeyPair().publicKey];
    await other.addOnion({ key: stays.key, ports, detach: true, clients });
    await other.addOnion({ key: goes.key, ports });
    await other.close();
    expect(await control.detachedOnions()).toEqual([stays.serviceId]);
    await control.addOnion({ key: goes.key, ports });
    await control.removeOnion(stays.serviceId);
  });

  it('holds keys for onion services of others', async () => {
    const { serviceId } = onionKeyOf(randomBytes(32));
    const keyOf = () =>
      Buffer.from(base32ToBytes(createClientKeyPair().privateKey) as Uint8Array).toString('base64');
    const [first, second] = [keyOf(), keyOf()];
    expect(await control.clientKeys()).toEqual([]);
    await control.addClientKey({ serviceId, privateKey: first });
    await control.addClientKey({ serviceId, privateKey: second });
    expect(await control.clientKeys()).toEqual([{ serviceId, privateKey: second, isPermanent: false }]);
    expect(await control.removeClientKey(serviceId)).toBe(true);
    expect(await control.removeClientKey(serviceId)).toBe(false);
  });

  it('is kept connected to over its end and its return', async () => {
    const link = new ControlLink({ open, retryBaseMs: 10, retryCapMs: 50 });
    const stopping = new AbortController();
    const opened: TorControl[] = [];
    const lost: unknown[] = [];
    let heard = () => {};
    const until = async (condition: () => boolean) => {
      while (!condition())
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
    };
    const keeping = link.keep(
      stopping.signal,
      async (each) => {
        opened.push(each);
        heard();
        // What fails here is done again, on the connection there is.
        if (opened.length === 1) throw new Error('not yet');
      },
      (error) => {
        lost.push(error);
        heard();
      },
    );
    await until(() => opened.length === 2);
    expect(opened[0]).toBe(opened[1]);
    expect(await link.control()).toBe(opened[0]);
    await tor.stop();
    await until(() => lost.some((each) => isTorControlError(each, 'unreachable')));
    await expect(link.control()).rejects.toMatchObject({ code: 'unreachable' });
    tor.start();
    await until(() => opened.length === 3);
    expect(await (await link.control()).info('version')).toMatch(/^0\.4\./);
    stopping.abort();
    await keeping;
    await link.close();
    await expect(link.control()).rejects.toMatchObject({ code: 'closed' });
    control = await open();
  });
});
