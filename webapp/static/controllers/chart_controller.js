// One panel with a chart: what it shows is declared in the template, the data come from whoever watches the page
// (`show`) or once from an address. Saves what is seen as PNG or SVG.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { Chart } from "../runs/chart.js";
import { save } from "../runs/save.js";

export default class extends Controller {
  static targets = ["plot", "all"];
  // series: [{ key, label, colour, width, dash }], key: the name of its column; fileName: without its extension.
  static values = { series: Array, x: Object, format: { type: String, default: "number" }, low: Number, high: Number, title: String, fileName: String };

  connect() {
    this.chart = new Chart(this.plotTarget, {
      series: this.seriesValue,
      x: this.xValue,
      format: this.formatValue,
      low: this.hasLowValue ? this.lowValue : null,
      high: this.hasHighValue ? this.highValue : null,
      onZoom: (zoomed) => (this.allTarget.hidden = !zoomed),
    });
  }

  disconnect() {
    this.chart.destroy();
  }

  // columns: { name: values } with xs: the values of x; series whose column is missing stay empty.
  show(xs, columns) {
    this.chart.show([xs, ...this.seriesValue.map(({ key }) => columns[key] ?? xs.map(() => null))]);
  }

  seeAll() {
    this.chart.zoom(null);
    // The button is gone: the keyboard goes on at the chart.
    this.plotTarget.focus();
  }

  async savePng(event) {
    closeMenu(event);
    save(await this.chart.png(this.titleValue), `${this.fileNameValue}.png`);
  }

  saveSvg(event) {
    closeMenu(event);
    save(new Blob([this.chart.svg(this.titleValue)], { type: "image/svg+xml" }), `${this.fileNameValue}.svg`);
  }
}

function closeMenu({ currentTarget }) {
  currentTarget.closest("details")?.removeAttribute("open");
}
