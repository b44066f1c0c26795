import { defineHandler, Discard } from 'jobqueue';
import { z } from 'zod';

const PAGE_BYTES = 2_000_000;
const RESULT_BYTES = 60_000;

// Of the answers from 400 to 499, the ones that may be different next time.
const MAY_PASS = new Set([408, 425, 429]);

// Around every other element a reader sees a gap.
const INLINE = 'a, abbr, b, bdi, code, em, i, kbd, mark, q, s, small, span, strong, sub, sup, time, u, var, wbr';

/** Reads one web page. It reaches whatever the worker reaches: let only those enqueue who may see its network. */
export default defineHandler({
  description: 'Reads the title, headings, links and text of a web page',
  input: z.object({ url: z.url({ protocol: /^https?$/ }), maxBytes: z.int().min(1).default(PAGE_BYTES) }),
  timeout: '30s',

  async run({ url, maxBytes }, { log, signal }) {
    // fetch itself gives up after 20 redirects.
    const response = await fetch(url, { headers: { accept: 'text/html' }, signal });
    const { ok, status, headers } = response;
    const type = headers.get('content-type') ?? 'no content type';
    if (!ok || !/^(text\/html|application\/xhtml\+xml)\b/i.test(type)) {
      await response.body?.cancel();
      if (!ok && (status >= 500 || MAY_PASS.has(status))) throw new Error(`The site answered HTTP ${status}`);
      throw new Discard(ok ? `Expected HTML, got ${type}` : `The site answered HTTP ${status}`);
    }
    const html = await readAtMost(maxBytes, response);

    // Imported here, because `jq enqueue` loads this file too, to check the payload, and parses no pages for that.
    const { loadBuffer } = await import('cheerio');
    const $ = loadBuffer(html, { encoding: { transportLayerEncodingLabel: /charset="?([\w-]+)/i.exec(type)?.[1] } });
    $('script, style, noscript, template').remove();
    $('body *').not(INLINE).before(' ').after(' ');

    const base = URL.parse($('base').attr('href') ?? '', response.url)?.href ?? response.url;
    const links = $('a[href]').map((_, link) => URL.parse($(link).attr('href')!, base)?.href.replace(/#.*/, ''));
    const headings = $('h1, h2, h3').map((_, heading) => collapse($(heading).text()));
    log.info({ url: response.url, bytes: html.length }, 'read');
    return fit({
      url: response.url,
      title: collapse($('title').first().text()).slice(0, 500),
      description: collapse($('meta[name="description" i]').attr('content')).slice(0, 1000),
      headings: headings.get(),
      links: [...new Set(links.get().filter((href) => href.startsWith('http')))],
      text: collapse($('body').text()),
    });
  },
});

async function readAtMost(maxBytes: number, { body }: Response): Promise<Buffer> {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Discard(`The page is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const collapse = (text = ''): string => text.replace(/\s+/g, ' ').trim();
const half = <Long extends string | string[]>(long: Long) => long.slice(0, long.length / 2) as Long;

/** Halves the lists and the text of a page until it is small enough for a result, which lives in Redis. */
function fit<Page extends { headings: string[]; links: string[]; text: string }>(page: Page): Page {
  if (Buffer.byteLength(JSON.stringify(page)) <= RESULT_BYTES) return page;
  return fit({ ...page, headings: half(page.headings), links: half(page.links), text: half(page.text) });
}
