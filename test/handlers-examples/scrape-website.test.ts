import type { OutgoingHttpHeaders } from 'node:http';
import { describe, expect, it } from 'vitest';
import { handlerContext } from '../helpers/handler-context.ts';
import { attempt, checkPayload, loadExample } from './load-example.ts';
import { serveHttp } from './serve-http.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** A site of one page, and what the handler makes of it. */
async function scrape(body: string | Buffer, headers: OutgoingHttpHeaders = HTML, payload: object = {}, status = 200) {
  const site = await serveHttp((_request, response) => void response.writeHead(status, headers).end(body));
  const { context, record } = handlerContext();
  const handler = await loadExample('scrape-website');
  return { site, record, page: await attempt(handler, { url: `${site}/docs/start`, ...payload }, context) };
}

const ARTICLE = `<!doctype html>
<html><head>
  <title>
    Jobs &amp; queues
  </title>
  <meta name="Description" content=" All about   jobs ">
  <style>body { color: red }</style>
</head><body>
  <script>document.write('never')</script>
  <h1>Jobs</h1><p>Run <b>in</b>stantly,<br>or later.</p>
  <h2>Links  <i>and</i> more</h2>
  <ul><li><a href="next#part">next</a></li><li><a href="/about?x=1">about</a></li></ul>
  <a href="next">again</a> <a href="https://example.com">out</a> <a>none</a>
  <a href="mailto:ana@example.com">mail</a> <a href="javascript:void(0)">script</a> <a href="http://[">broken</a>
  <h4>Not listed</h4><noscript>off</noscript>
</body></html>`;

describe('scrape-website', () => {
  it('reads title, description, headings, links and text', async () => {
    const { site, page, record } = await scrape(ARTICLE);
    expect(page).toEqual({
      url: `${site}/docs/start`,
      title: 'Jobs & queues',
      description: 'All about jobs',
      headings: ['Jobs', 'Links and more'],
      links: [`${site}/docs/next`, `${site}/about?x=1`, 'https://example.com/'],
      text: 'Jobs Run instantly, or later. Links and more next about again out none mail script broken Not listed',
    });
    expect(record.logs).toMatchObject([
      { level: 'info', message: 'read', fields: { bytes: Buffer.byteLength(ARTICLE) } },
    ]);
  });

  it('resolves links from the base of the page', async () => {
    const { page } = await scrape('<base href="https://example.com/a/"><a href="b">b</a><a href="../c">c</a>');
    expect(page).toMatchObject({ links: ['https://example.com/a/b', 'https://example.com/c'] });
  });

  it('follows redirects and says where it arrived', async () => {
    const site = await serveHttp((request, response) => {
      if (request.url === '/new/') response.writeHead(200, HTML).end('<a href="x">x</a>');
      else response.writeHead(302, { location: '/new/' }).end();
    });
    const page = await attempt(await loadExample('scrape-website'), { url: site }, handlerContext().context);
    expect(page).toMatchObject({ url: `${site}/new/`, links: [`${site}/new/x`] });
  });

  it('gives up following a redirect that never ends', async () => {
    const site = await serveHttp((_request, response) => void response.writeHead(302, { location: '/' }).end());
    const failure = attempt(await loadExample('scrape-website'), { url: site }, handlerContext().context);
    await expect(failure).rejects.toMatchObject({ cause: { message: 'redirect count exceeded' } });
  });

  it.each([
    ['the server', 'text/html; charset="utf-8"', Buffer.from('<title>Grüße</title>')],
    ['the page', 'text/html', Buffer.from('<meta charset="utf-8"><title>Grüße</title>')],
    ['nobody', 'text/html', Buffer.from('<title>Grüße</title>', 'latin1')],
  ])('reads the character set that %s names', async (_case, contentType, body) => {
    expect((await scrape(body, { 'content-type': contentType })).page).toMatchObject({ title: 'Grüße' });
  });

  it('reads a page that has nothing', async () => {
    const { page } = await scrape('');
    expect(page).toMatchObject({ title: '', description: '', headings: [], links: [], text: '' });
  });

  it.each([
    ['ascii', 'word '],
    ['wide', '語'],
    ['escaped', '\\"'],
  ])('keeps the result of a huge %s page under 64 KB', async (_case, text) => {
    const body = Array.from(
      { length: 3000 },
      (_, index) => `<h1>${text}</h1><p>${text.repeat(50)}</p><a href="/${index}/${text}">`,
    );
    const { page } = await scrape(`<title>${text.repeat(1000)}</title>${body.join('')}`);
    const { length } = Buffer.from(JSON.stringify(page));
    expect(length).toBeLessThan(64 * 1024);
    expect(length).toBeGreaterThan(16 * 1024);
    expect((page as { title: string }).title.length).toBeLessThanOrEqual(500);
  });

  it('shortens a page only when it has to', async () => {
    expect((await scrape('x'.repeat(59_000))).page).toMatchObject({ text: 'x'.repeat(59_000) });
    expect((await scrape('x'.repeat(64_000))).page).toMatchObject({ text: 'x'.repeat(32_000) });
  });

  it.each([
    ['an image', { 'content-type': 'image/png' }, 'Expected HTML, got image/png'],
    ['nothing known', {}, 'Expected HTML, got no content type'],
    ['something that only begins like HTML', { 'content-type': 'text/htmlish' }, 'Expected HTML, got text/htmlish'],
  ])('gives up at once on %s', async (_case, headers, message) => {
    await expect(scrape('<p>hello', headers)).rejects.toMatchObject({ name: 'Discard', message });
  });

  it.each([400, 401, 403, 404, 410])('gives up at once on HTTP %i', async (status) => {
    const failure = scrape('<p>sorry', HTML, {}, status);
    await expect(failure).rejects.toMatchObject({ name: 'Discard', message: `The site answered HTTP ${status}` });
  });

  it.each([408, 425, 429, 500, 503])('leaves HTTP %i to a retry', async (status) => {
    const failure = scrape('<p>sorry', { 'content-type': 'text/plain' }, {}, status);
    await expect(failure).rejects.toMatchObject({ name: 'Error', message: `The site answered HTTP ${status}` });
  });

  it('stops reading a page that is larger than allowed', async () => {
    const hungUp = Promise.withResolvers<void>();
    const site = await serveHttp((request, response) => {
      request.socket.once('close', hungUp.resolve);
      // Never ends: only a reader that counts gets away from it.
      const more = () => {
        while (response.write('x'.repeat(16_384)));
      };
      response.writeHead(200, HTML).on('drain', more);
      more();
    });
    const failure = attempt(
      await loadExample('scrape-website'),
      { url: site, maxBytes: 50_000 },
      handlerContext().context,
    );
    await expect(failure).rejects.toMatchObject({ name: 'Discard', message: 'The page is larger than 50000 bytes' });
    await hungUp.promise;
  });

  it('takes a page of exactly the size that is allowed', async () => {
    const { page } = await scrape('<p>12345', HTML, { maxBytes: 8 });
    expect(page).toMatchObject({ text: '12345' });
    await expect(scrape('<p>12345', HTML, { maxBytes: 7 })).rejects.toMatchObject({ name: 'Discard' });
  });

  it.each(['before the headers', 'within the page'])('stops waiting %s when the signal aborts', async (when) => {
    const arrived = Promise.withResolvers<void>();
    const site = await serveHttp((_request, response) => {
      if (when === 'within the page') response.writeHead(200, HTML).write('<p>first', () => arrived.resolve());
      else arrived.resolve();
    });
    const controller = new AbortController();
    const { context } = handlerContext({ signal: controller.signal });
    const reading = attempt(await loadExample('scrape-website'), { url: site }, context);
    await Promise.all([
      expect(reading).rejects.toMatchObject({ name: 'AbortError' }),
      arrived.promise.then(() => controller.abort()),
    ]);
  });
});

describe('the payload of scrape-website', () => {
  it('reads two million bytes at most unless told otherwise', async () => {
    const checked = await checkPayload(await loadExample('scrape-website'), { url: 'http://localhost:3000/' });
    expect(checked).toEqual({ value: { url: 'http://localhost:3000/', maxBytes: 2_000_000 } });
  });

  it.each([
    [{ url: 'file:///etc/hosts' }, 'url'],
    [{ url: 'example.com' }, 'url'],
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: '1mb' }, 'maxBytes'],
  ])('refuses %j', async (wrong, field) => {
    const handler = await loadExample('scrape-website');
    expect(await checkPayload(handler, { url: 'https://example.com/', ...wrong })).toEqual({ refused: [field] });
  });
});
