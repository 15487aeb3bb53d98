/**
 * The page's own part. It takes an access token, keeps it in this tab only (sessionStorage ends with it), and shows the
 * documents that the token may read. It asks nobody but its own origin; Swagger UI gets the documents from here and asks nobody.
 */
(() => {
  const key = 'lucid.accessToken';
  const merged = 'lucid';
  const part = (id) => document.getElementById(id);

  const say = (text) => {
    part('message').textContent = text;
  };

  const reasons = {
    401: 'This access token is not valid, or it has expired. Paste a new one: `lucid token show` prints it.',
    403: 'This access token does not permit reading the API documentation.',
    429: 'Too many requests. Wait a minute, then try again.',
  };

  class Refusal extends Error {}

  /** JSON of an address beside the page. Throws Refusal with a text for people. */
  async function load(path) {
    const token = sessionStorage.getItem(key);
    if (!token)
      throw new Refusal(
        'Reading needs an access token: sign in with `lucid login`, then paste what `lucid token show` prints.',
      );
    let answer;
    try {
      answer = await fetch(new URL(path, document.baseURI), {
        headers: { authorization: `Bearer ${token}` },
        credentials: 'omit',
        redirect: 'error',
      });
    } catch {
      throw new Refusal('The server does not answer, or the token holds characters that cannot be sent.');
    }
    if (answer.status === 401) sessionStorage.removeItem(key);
    if (!answer.ok)
      throw new Refusal(reasons[answer.status] ?? `The server answered ${answer.status}; try again later.`);
    return answer.json();
  }

  const runningTexts = {
    yes: 'running',
    differs: 'running with another version',
    no: 'not running',
    unknown: '',
  };

  function offer({ merged: whole, services }) {
    const option = (entry, label) => {
      const made = document.createElement('option');
      made.value = entry.name;
      made.textContent = label;
      return made;
    };
    const chosen = part('document').value || merged;
    const labelOf = ({ name, version, running }) =>
      [`${name} ${version}`, runningTexts[running.state]].filter(Boolean).join(', ');
    part('document').replaceChildren(
      option(whole, `everything reached from outside (${whole.operations} operations)`),
      ...services.map((each) => option(each, labelOf(each))),
    );
    part('document').value = chosen;
    part('choice').hidden = false;
  }

  async function show() {
    const name = part('document').value || merged;
    const spec = await load(`openapi/${encodeURIComponent(name)}.json`);
    const domNode = document.createElement('div');
    part('shown').replaceChildren(domNode);
    const hidden = () => () => null;
    window.SwaggerUIBundle({
      spec,
      domNode,
      presets: [window.SwaggerUIBundle.presets.apis],
      // Read only: nothing can be sent from here, so nothing asks for credentials either.
      plugins: [{ wrapComponents: { authorizeBtn: hidden, authorizeOperationBtn: hidden } }],
      supportedSubmitMethods: [],
      validatorUrl: null,
      defaultModelsExpandDepth: 0,
    });
    say(`${spec.info.title} ${spec.info.version}`);
  }

  const clear = () => {
    part('shown').replaceChildren();
    part('choice').hidden = true;
  };

  /** Runs one step of the page; what goes wrong is said on it. */
  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      if (!sessionStorage.getItem(key)) clear();
      say(error instanceof Refusal ? error.message : 'The page failed; the console of the browser says why.');
      if (!(error instanceof Refusal)) console.error(error);
    }
  }

  const start = () =>
    attempt(async () => {
      offer(await load('openapi'));
      await show();
    });

  part('sign-in').addEventListener('submit', (event) => {
    event.preventDefault();
    const token = part('token')
      .value.trim()
      .replace(/^Bearer\s+/i, '');
    part('token').value = '';
    if (token) sessionStorage.setItem(key, token);
    start();
  });
  part('forget').addEventListener('click', () => {
    sessionStorage.removeItem(key);
    part('token').value = '';
    clear();
    say('Forgotten.');
  });
  part('document').addEventListener('change', () => attempt(show));
  start();
})();
