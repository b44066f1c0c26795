import { styleText } from 'node:util';
import { columnsOf } from '../lib/text.ts';

/** How the picture may be drawn. Colour only ever adds: each meaning also has a word or a mark. */
export interface Look {
  color: boolean;
  /** Nothing but ASCII, for terminals and locales where the other glyphs break. */
  ascii: boolean;
  /** The terminal's background is light. */
  light?: boolean;
}

// The 16 ANSI colours, which every theme has chosen to be readable, and no background.
const FORMATS = {
  strong: 'bold',
  faint: 'dim',
  good: 'green',
  warning: 'yellow',
  alarm: 'red',
  accent: 'cyan',
} as const;

// Many light themes keep the yellow, cyan and green of dark ones, which nobody can read on white.
const LIGHT_FORMATS = { ...FORMATS, good: 'blue', warning: 'magenta', accent: 'blue' } as const;

/** What a piece of text means to the eye. */
export type Tone = keyof typeof FORMATS;

/** `text` in the colour of its tone. Not nestable: a tone inside another one ends both. */
export const paint = (look: Look, tone: Tone | undefined, text: string): string =>
  tone && look.color && text !== ''
    ? styleText((look.light ? LIGHT_FORMATS : FORMATS)[tone], text, { validateStream: false })
    : text;

const ASCII: Record<string, string> = {
  '▁': '.',
  '▂': '_',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '#',
  '█': '@',
  '░': '.',
  '●': '*',
  '○': 'o',
  '─': '-',
  '▼': 'v',
  '▲': '^',
  '↑': '^',
  '↓': 'v',
  '–': '-',
  '…': '~',
  '›': '>',
  '·': '.',
  '←': '<',
  '→': '>',
  '│': '|',
  '┌': '+',
  '┐': '+',
  '└': '+',
  '┘': '+',
};

/** A row in ASCII, as wide as before; letters of other scripts become `?`. */
export const asciiRow = (row: string): string =>
  row.replace(/\P{ASCII}/gu, (glyph) => ASCII[glyph] ?? '?'.repeat(columnsOf(glyph)));
