// Curves over a common x, in the page's own colours, light and dark. Drag to zoom, double click or Escape to see all;
// by keyboard + and - zoom, the arrows move. However often data come, they are drawn once per animation frame.
import uPlot from "/static/vendor/uplot/uPlot.esm.js";

import { onThemeChange, resolvedColour } from "../theme_colours.js";
import { FORMATS, INCREMENTS } from "./formats.js";
import { chartPng } from "./chart_png.js";
import { chartSvg } from "./chart_svg.js";

const HEIGHT = 240;

export class Chart {
  // element: where to draw.
  // series: [{ label, colour, width, dash }]; colour is a custom property ("--accent") or any CSS colour.
  // x: { label, format }; format and x.format: names in formats.js.
  // low, high: the ends of the y axis while all is seen; left out, they follow from the data.
  // onZoom(zoomed): called when part of the curves, or all again, is seen.
  constructor(element, { series, x = {}, format = "number", low = null, high = null, onZoom = () => {} }) {
    Object.assign(this, { element, series, low, high, onZoom });
    this.x = { label: "Epoch", format: "whole", ...x };
    this.format = FORMATS[format];
    this.increments = INCREMENTS[format];
    this.window = null;
    this.data = [[], ...series.map(() => [])];
    this.build();
    this.resizing = new ResizeObserver(() => this.plot.setSize(this.size));
    this.resizing.observe(element);
    this.forgetTheme = onThemeChange(() => this.build());
    this.onKey = (event) => this.key(event);
    element.addEventListener("keydown", this.onKey);
  }

  // data: [xs, values of the first series, of the second, ...], xs ascending; null where there is no value. What is
  // zoomed into stays so.
  show(data) {
    this.data = data;
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.plot.setData(this.data);
    });
  }

  // Other curves in place of these.
  showSeries(series, data) {
    Object.assign(this, { series, data });
    this.build();
  }

  // Sees only what lies between two values of x; null sees all.
  zoom(window) {
    const [first, last] = this.ends;
    if (window) {
      const from = Math.max(first, window[0]);
      const to = Math.min(last, window[1]);
      if (!(to > from)) return;
      window = from <= first && to >= last ? null : [from, to];
    }
    this.window = window;
    this.plot.setData(this.data);
    this.onZoom(window !== null);
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    this.resizing.disconnect();
    this.forgetTheme();
    this.element.removeEventListener("keydown", this.onKey);
    this.plot.destroy();
  }

  // A picture of what is seen now: a promise of a Blob.
  png(title) {
    return chartPng(this.plot.ctx.canvas, { title, ...this.looks });
  }

  // A drawing of what is seen now, as text.
  svg(title) {
    const { min, max } = this.plot.scales.y;
    return chartSvg({
      title, data: this.data, window: this.window ?? this.ends, range: [min, max],
      x: { label: this.x.label, format: FORMATS[this.x.format], increments: INCREMENTS[this.x.format] },
      format: this.format, increments: this.increments, ...this.looks,
    });
  }

  get looks() {
    const colour = (name) => this.colour(name);
    return {
      series: this.series.map((one) => ({ ...one, colour: colour(one.colour) })),
      ink: colour("--ink"), soft: colour("--ink-soft"), line: colour("--line"), background: colour("--surface"),
      font: getComputedStyle(this.element).fontFamily,
    };
  }

  colour(name) {
    return name.startsWith("--") ? resolvedColour(this.element, name) : name;
  }

  get ends() {
    const [xs] = this.data;
    return xs.length ? [xs[0], xs.at(-1)] : [0, 1];
  }

  get size() {
    return { width: Math.max(200, this.element.clientWidth), height: HEIGHT };
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [from, to] = this.window ?? this.ends;
    const [middle, span] = [(from + to) / 2, to - from];
    const windows = {
      "+": () => [middle - span / 4, middle + span / 4],
      "=": () => [middle - span / 4, middle + span / 4],
      "-": () => [middle - span, middle + span],
      ArrowLeft: () => this.moved(-span / 4),
      ArrowRight: () => this.moved(span / 4),
      Escape: () => null,
      0: () => null,
    };
    if (!windows[event.key] || (!this.window && !["+", "="].includes(event.key))) return;
    event.preventDefault();
    this.zoom(windows[event.key]());
  }

  // The window moved, but not beyond the data.
  moved(by) {
    const [first, last] = this.ends;
    const [from, to] = this.window;
    const step = Math.min(Math.max(by, first - from), last - to);
    return [from + step, to + step];
  }

  rangeX(min, max) {
    const [from, to] = this.window ?? [min ?? 0, max ?? 1];
    return [from, to > from ? to : from + 1];
  }

  // While all is seen the axis keeps its ends; zoomed in, the curves fill the height.
  rangeY(min, max) {
    if (min === null) return [this.low ?? 0, this.high ?? 1];
    if (this.window) {
      const room = 0.08 * (max - min) || Math.abs(max) * 0.05 || 0.5;
      return [this.low === null ? min - room : Math.max(this.low, min - room), this.high === null ? max + room : Math.min(this.high, max + room)];
    }
    const low = this.low ?? Math.min(0, min);
    return [low, this.high ?? (max > low ? low + 1.05 * (max - low) : low + 1)];
  }

  build() {
    this.plot?.destroy();
    const axis = {
      stroke: this.colour("--ink-faint"),
      grid: { stroke: this.colour("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${getComputedStyle(this.element).fontFamily}`,
    };
    const written = (format) => (plot, value) => (value === null || value === undefined ? "–" : format(value));
    const step = (marks) => (marks.length > 1 ? marks[1] - marks[0] : 0);
    const formatX = FORMATS[this.x.format];
    this.plot = new uPlot(
      {
        ...this.size,
        padding: [8, 24, 8, 0],
        // Zooming is done here rather than by uPlot, which would forget it with the next data.
        cursor: { y: false, points: { size: 7 }, drag: { x: true, y: false, setScale: false }, bind: { dblclick: () => () => this.zoom(null) } },
        hooks: { setSelect: [(plot) => this.selected(plot)] },
        scales: {
          x: { time: false, range: (plot, min, max) => this.rangeX(min, max) },
          y: { range: (plot, min, max) => this.rangeY(min, max) },
        },
        axes: [
          { ...axis, grid: { show: false }, size: 28, incrs: INCREMENTS[this.x.format], space: 55, values: (plot, marks) => marks.map((mark) => formatX(mark)) },
          { ...axis, size: 64, incrs: this.increments, values: (plot, marks) => marks.map((mark) => this.format(mark, step(marks))) },
        ],
        series: [
          { label: this.x.label, value: written(formatX) },
          ...this.series.map(({ label, colour, width = 2.25, dash }) => ({
            label, width, dash, stroke: this.colour(colour), value: written(this.format),
            points: { show: (plot) => plot.data[0].length < 2 },
          })),
        ],
      },
      this.data,
      this.element,
    );
  }

  selected(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.zoom([plot.posToVal(left, "x"), plot.posToVal(left + width, "x")]);
  }
}
