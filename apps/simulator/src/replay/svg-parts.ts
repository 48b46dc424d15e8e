/** Sizes in the units of the drawing. */
export const drawing = { width: 960, margin: 24, labelWidth: 230, rowHeight: 30 } as const;

/** Where the data are drawn: from the labels to the right margin, with room for the figure behind a bar. */
export const plot = {
  left: drawing.margin + drawing.labelWidth,
  right: drawing.width - drawing.margin - 90,
} as const;

/** A part of the drawing and how high it is. */
export interface Part {
  readonly svg: string;
  readonly height: number;
}

/** Text made safe for XML. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '\u{fffd}');
}

/** A text; `kind` is a class of the style sheet. */
export function text(
  x: number,
  y: number,
  content: string,
  kind = '',
  anchor: 'start' | 'middle' | 'end' = 'start',
): string {
  const attributes = [`x="${round(x)}" y="${round(y)}"`];
  if (kind !== '') attributes.push(`class="${kind}"`);
  if (anchor !== 'start') attributes.push(`text-anchor="${anchor}"`);
  return `<text ${attributes.join(' ')}>${escapeXml(content)}</text>`;
}

/** The name of a configuration before its row; a long one is cut, and whole when pointed at. */
export function rowLabel(y: number, name: string): string {
  const longest = 34;
  const shown = name.length > longest ? `${name.slice(0, longest - 1)}…` : name;
  return `<g><title>${escapeXml(name)}</title>${text(plot.left - 12, y, shown, '', 'end')}</g>`;
}

export function rectangle(x: number, y: number, width: number, height: number, kind: string): string {
  if (width <= 0) return '';
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" class="${kind}"/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${kind}"/>`;
}

/** Coordinates to a tenth: more makes files large and nothing sharper. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The least of 1, 2 and 5 times a power of ten that is not below the value. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((nice) => nice >= value * (1 - 1e-9)) ?? value;
}
