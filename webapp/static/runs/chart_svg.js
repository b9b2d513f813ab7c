// A chart as an SVG drawing: paths and text, for documents.

const WIDTH = 900;
const HEIGHT = 420;
const MARGIN = { left: 72, right: 20, top: 64, bottom: 44 };
const MARKS = 6;

// Returns the text of an SVG file.
//   title; series: [{ label, colour, width, dash }]; data: [xs, ys, ys, ...]; x: { label, format(value), increments };
//   format(value, step); increments: how far apart marks may be, ascending; window: [from, to] of x; range: [low, high] of y; ink, soft, line, background: colours; font.
export function chartSvg({ title, series, data, x, format, increments, window, range, ink, soft, line, background, font = "sans-serif" }) {
  const scaleX = scale(window, [MARGIN.left, WIDTH - MARGIN.right]);
  const scaleY = scale(range, [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const [marksX, marksY] = [niceMarks(...window, x.increments), niceMarks(...range, increments)];
  const step = marksY.length > 1 ? marksY[1] - marksY[0] : 0;
  const text = (left, top, words, { anchor = "start", colour = soft, size = 13, weight = 400 } = {}) =>
    `<text x="${round(left)}" y="${round(top)}" fill="${colour}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}">${escaped(words)}</text>`;
  const grid = marksY.map(
    (mark) =>
      `<path d="M${MARGIN.left} ${round(scaleY(mark))}H${WIDTH - MARGIN.right}" stroke="${line}"/>` +
      text(MARGIN.left - 8, scaleY(mark) + 4, format(mark, step), { anchor: "end" }),
  );
  const below = marksX.map((mark) => text(scaleX(mark), HEIGHT - MARGIN.bottom + 20, x.format(mark), { anchor: "middle" }));
  let left = MARGIN.left;
  const legend = series.map((one) => {
    const key = `<path d="M${left} 46h22" ${strokeOf(one)}/>` + text(left + 28, 50, one.label);
    left += 48 + 7.5 * one.label.length;
    return key;
  });
  const curves = series.map((one, index) => `<path d="${pathOf(data[0], data[index + 1], window, scaleX, scaleY)}" ${strokeOf(one)}/>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="${escaped(font)}">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${background}"/>`,
    `<clipPath id="plot"><rect x="${MARGIN.left}" y="${MARGIN.top - 2}" width="${WIDTH - MARGIN.left - MARGIN.right}" height="${HEIGHT - MARGIN.top - MARGIN.bottom + 4}"/></clipPath>`,
    text(MARGIN.left, 26, title, { colour: ink, size: 17, weight: 600 }),
    ...legend, ...grid, ...below,
    text(WIDTH - MARGIN.right, HEIGHT - 6, x.label, { anchor: "end" }),
    `<g fill="none" clip-path="url(#plot)" stroke-linejoin="round">`, ...curves, "</g>", "</svg>",
  ].join("\n");
}

// About `MARKS` round numbers between two values, as far apart as one of the increments, if there are any.
export function niceMarks(low, high, increments = null) {
  if (!(high > low)) return [low];
  const rough = (high - low) / MARKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = increments ?? [1, 2, 5, 10].map((digit) => digit * power);
  const step = steps.find((one) => one >= rough) ?? steps.at(-1);
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first;
  return Array.from({ length: count + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12)));
}

function scale([from, to], [start, end]) {
  return (value) => start + ((value - from) / (to - from || 1)) * (end - start);
}

// Between the first point before the window and the first after it; a missing value interrupts the curve.
function pathOf(xs, ys, [from, to], scaleX, scaleY) {
  const first = Math.max(0, xs.findIndex((x) => x >= from) - 1);
  let path = "";
  let pen = "M";
  for (let index = first; index < xs.length; index++) {
    const y = ys[index];
    if (y === null || y === undefined) pen = "M";
    else {
      path += `${pen}${round(scaleX(xs[index]))} ${round(scaleY(y))}`;
      pen = "L";
    }
    if (xs[index] > to) break;
  }
  return path;
}

function strokeOf({ colour, width = 2.25, dash }) {
  return `stroke="${colour}" stroke-width="${width}"${dash ? ` stroke-dasharray="${dash.join(" ")}"` : ""}`;
}

const round = (value) => Math.round(value * 100) / 100;

const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);
