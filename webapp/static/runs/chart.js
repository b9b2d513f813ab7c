// A curve over epochs with a training and a validation line, in the page's own colours, light and dark.
import uPlot from "/static/vendor/uplot/uPlot.esm.js";

import { onThemeChange, resolvedColour } from "../theme_colours.js";

const HEIGHT = 240;

export class Chart {
  // element: where to draw. format(value): how a value is written. range(min, max): the y axis for these data.
  constructor(element, { format, range }) {
    Object.assign(this, { element, format, range });
    this.data = [[], [], []];
    this.draw();
    this.resizing = new ResizeObserver(() => this.plot.setSize(this.size));
    this.resizing.observe(element);
    this.forgetTheme = onThemeChange(() => this.draw());
  }

  // data: [epochs, training, validation]
  show(data) {
    this.data = data;
    this.plot.setData(data);
  }

  destroy() {
    this.resizing.disconnect();
    this.forgetTheme();
    this.plot.destroy();
  }

  get size() {
    return { width: Math.max(200, this.element.clientWidth), height: HEIGHT };
  }

  draw() {
    this.plot?.destroy();
    const colour = (name) => resolvedColour(this.element, name);
    const axis = {
      stroke: colour("--ink-faint"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: `12px ${getComputedStyle(this.element).fontFamily}`,
    };
    const line = { value: (_, value) => (value === null ? "–" : this.format(value)), points: { show: (plot) => plot.data[0].length < 2 } };
    this.plot = new uPlot(
      {
        ...this.size,
        padding: [8, 24, 8, 0],
        cursor: { y: false, points: { size: 7 } },
        scales: { x: { time: false, range: (_, min, max) => [min, Math.max(max, min + 1)] }, y: { range: (_, min, max) => this.range(min, max) } },
        axes: [
          { ...axis, grid: { show: false }, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000], space: 45 },
          { ...axis, size: 52, values: (_, values) => values.map(this.format) },
        ],
        series: [
          { label: "Epoch", value: (_, value) => (value === null ? "–" : String(value)) },
          { ...line, label: "Training", stroke: colour("--ink-faint"), width: 1.5, dash: [5, 4] },
          { ...line, label: "Validation", stroke: colour("--accent"), width: 2.25 },
        ],
      },
      this.data,
      this.element,
    );
  }
}
