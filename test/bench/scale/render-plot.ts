import { createAxis, ticksOf } from './axis.ts';
import type { Grown } from './growth.ts';

// One drawing, and what is around its lines: left for the numbers, above for names, below for amounts.
const [WIDTH, HEIGHT, LEFT, TOP, BOTTOM, GAP] = [290, 230, 46, 44, 40, 14];
const PER_ROW = 3;
/** Legible on white and on black; there is no paper of its own. */
const [INK, GRID] = ['#808893', '#80889340'];
const COLORS = ['#2f81d8', '#d9822b', '#3f9b58'];

interface Line {
  name: string;
  values: readonly number[];
}

/** A drawing for each panel, all over the same amounts; an axis of amounts is logarithmic, of values where they differ much. */
export function renderPlot({ growth, amounts, values }: Grown): string {
  const panels = Map.groupBy(
    growth.figures.map(({ name, panel }, place) => ({ name, panel, values: values.map((row) => row[place]!) })),
    ({ panel }) => panel,
  );
  const columns = Math.min(PER_ROW, panels.size);
  const [width, height] = [columns * (WIDTH + GAP), Math.ceil(panels.size / PER_ROW) * HEIGHT];
  const drawings = [...panels].map(([title, lines], place) => {
    const [x, y] = [(place % PER_ROW) * (WIDTH + GAP), Math.floor(place / PER_ROW) * HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${renderPanel(title, growth.of, amounts, lines)}\n</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escape(growth.title)}">
<g font-family="system-ui,'DejaVu Sans',sans-serif" font-size="11" fill="${INK}">
${drawings.join('\n')}
</g>
</svg>
`;
}

function renderPanel(title: string, of: string, amounts: readonly number[], lines: readonly Line[]): string {
  const all = lines.flatMap((line) => line.values);
  const x = createAxis(amounts, [LEFT, WIDTH - 12], { isLog: true });
  const y = createAxis(all, [HEIGHT - BOTTOM, TOP], {
    isLog: Math.min(...all) > 0 && Math.max(...all) / Math.min(...all) > 20,
  });
  const names = lines.map(({ name }, place) => `<tspan fill="${COLORS[place]}">${escape(name)}</tspan>`).join(' · ');
  return [
    `<text x="${LEFT}" y="14" font-weight="bold">${escape(title)}</text>`,
    ...(lines.length > 1 ? [`<text x="${LEFT}" y="30">${names}</text>`] : []),
    ...ticksOf(all, y.isLog).map(
      (tick) =>
        `<path d="M${LEFT} ${y.at(tick)}H${WIDTH - 12}" stroke="${GRID}"/>` +
        `<text x="${LEFT - 6}" y="${y.at(tick) + 4}" text-anchor="end">${short(tick)}</text>`,
    ),
    ...amounts.map(
      (amount) => `<text x="${x.at(amount)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(amount)}</text>`,
    ),
    `<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${escape(of)}</text>`,
    ...lines.map(({ values }, place) => {
      const points = values.map((value, index) => [x.at(amounts[index]!), y.at(value)] as const);
      const color = COLORS[place]!;
      const dots = points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2.5" fill="${color}"/>`).join('');
      return `<polyline points="${points.join(' ')}" fill="none" stroke="${color}" stroke-width="1.5"/>${dots}`;
    }),
  ].join('\n');
}

/** 1500 is 1.5k. */
export function short(value: number): string {
  const [unit, size] = value >= 1e6 ? ['M', 1e6] : value >= 1000 ? ['k', 1000] : ['', 1];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

const escape = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
