import type { Run } from '../../test/helpers/terminal.ts';

// A cell of 8 x 17 at 13 px: what monospaced letters take, or are stretched to.
const [CELL, LINE, SIZE, PADDING] = [8, 17, 13, 14];
/** What a terminal draws with: its background, its text, and the first eight colours of ANSI, then the bright ones. */
interface Theme {
  paper: string;
  ink: string;
  palette: readonly string[];
}
const THEMES = {
  dark: {
    paper: '#16181d',
    ink: '#d5d8de',
    palette: (
      '#3b4048 #f2777a #7ecb83 #f0c674 #6cb2eb #c792ea #5fc9d8 #d5d8de ' +
      '#6b727d #ff8b8e #9be39f #ffdf8c #8fc8f7 #dcb0f5 #86e1ee #ffffff'
    ).split(' '),
  },
  // Those of xterm, the worst of those in use.
  light: {
    paper: '#ffffff',
    ink: '#1c1e22',
    palette: (
      '#000000 #cd0000 #00cd00 #cdcd00 #0000ee #cd00cd #00cdcd #e5e5e5 ' +
      '#7f7f7f #ff0000 #00ff00 #ffff00 #5c5cff #ff00ff #00ffff #ffffff'
    ).split(' '),
  },
} as const satisfies Record<string, Theme>;
export type ThemeName = keyof typeof THEMES;

/** A picture of a terminal: the text stays text, and each run of it is as wide as its cells whatever font there is. */
export function renderSvg(rows: readonly Run[][], title: string, themeName: ThemeName = 'dark'): string {
  const theme = THEMES[themeName];
  const { paper, ink } = theme;
  const columns = Math.max(...rows.map((runs) => runs.reduce((sum, run) => sum + run.columns, 0)));
  const [width, height] = [columns * CELL + 2 * PADDING, rows.length * LINE + 2 * PADDING];
  const texts = rows.flatMap((runs, row) =>
    runs.flatMap((run) => pieces(run).map((piece) => renderRun(theme, piece, row))),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(title)}">
<rect width="100%" height="100%" rx="8" fill="${paper}"/>
<g font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${SIZE}" fill="${ink}" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`;
}

/** Without the wide spaces within it, which need no ink: most of a screen is space. */
function pieces({ column, text, look, columns }: Run): Run[] {
  if (look.inverse || columns !== text.length) return [{ column, text, look, columns }];
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((match) => ({
    column: column + match.index,
    columns: match[0].length,
    text: match[0],
    look,
  }));
}

function renderRun({ paper, ink, palette }: Theme, { column, columns, text, look }: Run, row: number): string {
  const [x, y] = [PADDING + column * CELL, PADDING + row * LINE];
  const color = look.color === undefined ? ink : (palette[look.color] ?? ink);
  const styles = [
    look.inverse ? ` fill="${paper}"` : color === ink ? '' : ` fill="${color}"`,
    look.bold ? ' font-weight="bold"' : '',
    look.dim ? ' opacity=".6"' : '',
  ].join('');
  const back = look.inverse
    ? `<rect x="${x}" y="${y}" width="${columns * CELL}" height="${LINE}" fill="${color}"/>`
    : '';
  return `${back}<text x="${x}" y="${y + SIZE}" textLength="${columns * CELL}" lengthAdjust="spacingAndGlyphs"${styles}>${escape(text)}</text>`;
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
