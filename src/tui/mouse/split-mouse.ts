/** What the mouse did, and where; columns and rows count from 0. */
export interface Report {
  what: 'click' | 'wheel-up' | 'wheel-down';
  column: number;
  row: number;
}

// oxlint-disable no-control-regex -- that is what is looked for
/** How terminals tell of the mouse in the mode SGR 1006: button, column, row; `M` when it goes down. */
const REPORT = /^\u001b\[<(\d{1,5});(\d{1,5});(\d{1,5})([Mm])/;
/** What begins so may yet become one, or the mark before a pasted text. */
const BEGIN = /^\u001b(\[(<[\d;]{0,17}|20{0,2})?)?$/;
const BROKEN = /^\u001b\[<[\d;]*[Mm]?/;
// oxlint-enable no-control-regex
const ESCAPE = '\u001b';
const PASTE = '\u001b[200~';
const PASTE_END = '\u001b[201~';

/**
 * Takes what the mouse did out of what a terminal sends, chunk by chunk, wherever the chunks are cut: what is left of a
 * report would else be keys. What is pasted is left as it is. A chunk that ends in an escape may end in that key, so that
 * this much is passed on at once.
 */
export function createMouseSplitter(): (chunk: string) => (string | Report)[] {
  /** The end of what came before: not passed on yet, or passed on already. */
  let held = '';
  let passed = '';
  let isPaste = false;

  return (chunk) => {
    const text = passed + held + chunk;
    const begin = passed.length;
    [held, passed] = ['', ''];
    const parts: (string | Report)[] = [];
    let keys = '';
    let at = 0;
    const pass = (length: number) => {
      keys += text.slice(Math.max(at, begin), Math.max(at + length, begin));
      at += length;
    };
    while (at < text.length) {
      const rest = text.slice(at);
      const report = REPORT.exec(rest);
      if (isPaste) {
        const end = rest.indexOf(PASTE_END);
        isPaste = end === -1;
        held = isPaste ? beginOfEnd(rest) : '';
        pass(isPaste ? rest.length - held.length : end + PASTE_END.length);
        if (isPaste) break;
      } else if (!rest.startsWith(ESCAPE)) {
        const next = rest.indexOf(ESCAPE);
        pass(next === -1 ? rest.length : next);
      } else if (rest.startsWith(PASTE)) {
        isPaste = true;
        pass(PASTE.length);
      } else if (report) {
        at += report[0].length;
        const read = readReport(report);
        if (!read) continue;
        parts.push(keys, read);
        keys = '';
      } else if (BEGIN.test(rest)) {
        if (rest.length > 2) held = rest;
        else pass((passed = rest).length);
        break;
      } else if (BROKEN.test(rest)) at += BROKEN.exec(rest)![0].length;
      else pass(ESCAPE.length);
    }
    return [...parts, keys].filter((part) => part !== '');
  };
}

/** The end of a text with which the mark after a pasted text may begin. */
function beginOfEnd(text: string): string {
  for (let length = PASTE_END.length - 1; length > 0; length -= 1) {
    if (text.endsWith(PASTE_END.slice(0, length))) return text.slice(-length);
  }
  return '';
}

/** Shift, Alt and Ctrl make no difference; other buttons, and what is let go, mean nothing. */
function readReport([, code, column, row, end]: RegExpExecArray): Report | undefined {
  const button = Number(code) & ~0b1_1100;
  const what = ({ 0: 'click', 64: 'wheel-up', 65: 'wheel-down' } as const)[button];
  return what && end === 'M' ? { what, column: Number(column) - 1, row: Number(row) - 1 } : undefined;
}
