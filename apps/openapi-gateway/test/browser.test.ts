/** The page in a real browser, through the gateway: it shows the documents to who has a token, and asks nobody else. */
import { existsSync } from 'node:fs';
import { openapiServer } from '@lucid/openapi-server';
import {
  createTestAccounts,
  startTestStack,
  type TestAccounts,
  type TestStack,
} from '@lucid/service-kit/testing';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { openapiGateway } from '../src/index.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
  (each) => existsSync(each),
);
if (!executablePath) {
  if (process.env.CI) throw new Error('Chromium is missing (Debian package chromium)');
  console.warn('skipped: no Chromium on this machine (Debian package chromium)');
}

(executablePath ? describe : describe.skip)('the page in Chromium', () => {
  let stack: TestStack;
  let accounts: TestAccounts;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let origin: string;
  /** What the browser complained of, and whom it asked. */
  let faults: string[];
  let asked: string[];

  beforeAll(async () => {
    accounts = createTestAccounts();
    stack = await startTestStack({
      definitions: [openapiServer, openapiGateway],
      accounts: accounts.accounts,
      environment: { OPENAPI_ASK_SERVICES: 'false' },
    });
    origin = stack.targetOf('openapi-gateway')?.origin ?? '';
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.close();
  });
  beforeEach(async () => {
    faults = [];
    asked = [];
    context = await browser.newContext();
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
    page.on('pageerror', (error) => faults.push(String(error)));
    page.on('request', (request) => asked.push(request.url()));
    await page.addInitScript({
      content: `document.addEventListener('securitypolicyviolation', (event) =>
        console.error('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample))`,
    });
  });
  afterEach(() => context.close());

  const message = () => page.locator('#message');
  const signIn = async (token: string) => {
    await page.fill('#token', token);
    await page.click('#sign-in button[type=submit]');
  };
  const toOthers = () => asked.filter((url) => !url.startsWith(`${origin}/`) && !url.startsWith('data:'));

  test.each(['/', '/docs'])(
    '%s shows the operations to an account, and breaks no rule of its policy',
    async (path) => {
      await page.goto(origin + path);
      await message().filter({ hasText: 'needs an access token' }).waitFor();
      expect(asked.filter((url) => url.includes('/openapi'))).toEqual([]);
      await signIn(`Bearer ${accounts.token()}`);
      await page.locator('.opblock').first().waitFor();
      expect(await message().textContent()).toMatch(/^Lucid 1\.0\.0/);
      expect(await page.locator('.opblock').count()).toBeGreaterThan(10);
      await page.selectOption('#document', 'merkle-builder');
      await page.locator('.opblock-summary-path', { hasText: 'trees' }).first().waitFor();
      await page.locator('.opblock-summary').first().click();
      await page.locator('.opblock-body .responses-table').first().waitFor();
      expect(await page.locator('.try-out, .authorize').count()).toBe(0);
      expect(faults).toEqual([]);
      expect(toOthers()).toEqual([]);
    },
  );

  test('the token stays in this tab: not in the page, an address, a cookie or a lasting store', async () => {
    const token = accounts.token();
    await page.goto(`${origin}/docs`);
    await signIn(token);
    await page.locator('.opblock').first().waitFor();
    expect(await page.inputValue('#token')).toBe('');
    expect(await page.content()).not.toContain(token);
    expect(asked.join(' ')).not.toContain(token);
    expect(await context.cookies()).toEqual([]);
    expect(await page.evaluate('[localStorage.length, Object.keys(sessionStorage)]')).toEqual([
      0,
      ['lucid.accessToken'],
    ]);
    await page.reload();
    await page.locator('.opblock').first().waitFor();
    const other = await context.newPage();
    await other.goto(`${origin}/docs`);
    await other.locator('#message', { hasText: 'needs an access token' }).waitFor();
    await page.click('#forget');
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
    expect(await page.locator('.opblock').count()).toBe(0);
  });

  test('a token that expired, is wrong, or may not read: the page says so and shows nothing', async () => {
    const past = Math.floor(Date.now() / 1000) - 3600;
    await page.goto(`${origin}/docs`);
    for (const token of [accounts.token({ exp: past }), 'x', accounts.token().slice(0, -4)]) {
      await signIn(token);
      await message().filter({ hasText: 'it has expired' }).waitFor();
      expect(await page.evaluate('sessionStorage.length')).toBe(0);
      await page.click('#forget');
    }
    await signIn(accounts.token({ scope: 'proof' }));
    await message().filter({ hasText: 'does not permit' }).waitFor();
    await signIn('grüße');
    await message()
      .filter({ hasText: /cannot be sent|expired/ })
      .waitFor();
    expect(await page.locator('.opblock').count()).toBe(0);
    expect(toOthers()).toEqual([]);
  });

  test('the policy holds: what would be put into the page is not run', async () => {
    await page.goto(`${origin}/docs`);
    await page.evaluate(`
      const script = document.createElement('script');
      script.textContent = 'window.broken = true';
      document.body.append(script);
    `);
    expect(await page.evaluate(`'broken' in window`)).toBe(false);
    expect(faults.join(' ')).toContain('policy: script-src-elem inline');
  });
});
