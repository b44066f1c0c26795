import { columnsOf } from '../lib/text.ts';

/** A line of a job may be megabytes long; no more of it is shown. */
const MOST = 20_000;

/** `text` in lines of at most `width` columns; those after the first stand two columns further in. */
export function wrap(text: string, width: number): string[] {
  const rest = text.slice(0, MOST);
  if (columnsOf(rest) <= width || width < 8) return [rest];
  const indent = `${/^ {0,8}/.exec(rest)![0]}  `;
  const lines: string[] = [];
  let [line, used] = ['', 0];
  segments ??= new Intl.Segmenter();
  for (const { segment } of segments.segment(rest)) {
    const columns = columnsOf(segment);
    if (used + columns > width) {
      const cut = line.lastIndexOf(' ') + 1;
      // A word that is not too long goes to the next line as a whole.
      const at = cut > width / 2 ? cut : line.length;
      lines.push(line.slice(0, at).trimEnd());
      line = indent + line.slice(at);
      used = columnsOf(line);
    }
    line += segment;
    used += columns;
  }
  return [...lines, line];
}
// Made when it is first needed: that takes a while.
let segments: Intl.Segmenter | undefined;
