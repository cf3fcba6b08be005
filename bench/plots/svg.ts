// Charts as SVG text, without a library: lines over a scale, and bars in groups. Numbers are rounded
// when written, so that the same data gives the same bytes on every machine.

export interface Series {
  readonly label: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  readonly title: string;
  /** A sentence below the title: what was done. */
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yLabel: string;
}

export interface LineChart extends Chart {
  readonly series: readonly Series[];
  /** The scale begins at 0 and ends here. */
  readonly yMax: number;
  readonly xMax: number;
}

export interface BarChart extends Chart {
  readonly groups: readonly string[];
  /** Each with one value for each group. */
  readonly series: readonly { readonly label: string; readonly values: readonly number[] }[];
  readonly yMax: number;
  /** How a value is written above its bar. */
  readonly written: (value: number) => string;
}

const width = 760;
const height = 400;
const left = 70;
const right = 20;
const top = 92;
const bottom = 56;
const plotWidth = width - left - right;
const plotHeight = height - top - bottom;
/** Told apart also by those who do not see all colours (Okabe and Ito). */
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
const ticks = 5;

export function lineChart(chart: LineChart): string {
  const { series, xMax, yMax } = chart;
  const x = (value: number): number => left + (value / xMax) * plotWidth;
  const y = (value: number): number => yAt(Math.min(value, yMax), yMax);
  const lines = series.map(({ points }, i) => {
    const path = points.map(([px, py]) => `${short(x(px))},${short(y(py))}`).join(" ");
    return `<polyline points="${path}" fill="none" stroke="${colorOf(i)}" stroke-width="2"/>`;
  });
  const marks = scale(xMax).map((value) =>
    text(x(value), height - bottom + 18, number(value), "middle"),
  );
  return page(chart, yMax, [...marks, ...lines, ...legend(series.map(({ label }) => label))]);
}

export function barChart(chart: BarChart): string {
  const { groups, series, yMax, written } = chart;
  const room = plotWidth / groups.length;
  const bar = Math.min(60, (room * 0.8) / series.length);
  const parts: string[] = [];
  for (const [group, name] of groups.entries()) {
    const middle = left + (group + 0.5) * room;
    parts.push(text(middle, height - bottom + 18, name, "middle"));
    for (const [i, { values }] of series.entries()) {
      const value = values[group] ?? 0;
      const x = middle + (i - series.length / 2) * bar;
      const y = yAt(Math.min(value, yMax), yMax);
      parts.push(
        `<rect x="${short(x + 1)}" y="${short(y)}" width="${short(bar - 2)}" ` +
          `height="${short(height - bottom - y)}" fill="${colorOf(i)}"/>`,
        text(x + bar / 2, y - 4, written(value), "middle", 11),
      );
    }
  }
  const labels = series.map(({ label }) => label);
  return page(chart, yMax, [...parts, ...(labels.length > 1 ? legend(labels) : [])]);
}

function page(chart: Chart, yMax: number, parts: readonly string[]): string {
  const grid = scale(yMax).flatMap((value) => {
    const y = short(yAt(value, yMax));
    return [
      `<line x1="${left}" x2="${width - right}" y1="${y}" y2="${y}" stroke="#ddd"/>`,
      text(left - 8, yAt(value, yMax) + 4, number(value), "end"),
    ];
  });
  const middle = top + plotHeight / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ` +
      `font-family="sans-serif" font-size="13" role="img" aria-label="${escaped(chart.title)}">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(left, 26, chart.title, "start", 17),
    text(left, 46, chart.subtitle, "start", 12),
    ...grid,
    `<text x="16" y="${middle}" text-anchor="middle" fill="#333" ` +
      `transform="rotate(-90 16 ${middle})">${escaped(chart.yLabel)}</text>`,
    text(left + plotWidth / 2, height - 14, chart.xLabel, "middle"),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function legend(labels: readonly string[]): string[] {
  let x = left;
  return labels.flatMap((label, i) => {
    const at = x;
    x += 34 + label.length * 7.2;
    return [
      `<rect x="${short(at)}" y="60" width="14" height="14" fill="${colorOf(i)}"/>`,
      text(at + 20, 72, label, "start"),
    ];
  });
}

/** Round numbers from 0 to `most`. */
function scale(most: number): number[] {
  return Array.from({ length: ticks + 1 }, (_, i) => (most * i) / ticks);
}

function yAt(value: number, yMax: number): number {
  return top + plotHeight * (1 - value / yMax);
}

function text(x: number, y: number, words: string, anchor: string, size: number = 13): string {
  return (
    `<text x="${short(x)}" y="${short(y)}" text-anchor="${anchor}" font-size="${size}" ` +
    `fill="#333">${escaped(words)}</text>`
  );
}

function colorOf(index: number): string {
  return colors[index % colors.length] as string;
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
