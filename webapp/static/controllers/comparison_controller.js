// The curves of several runs in the charts of a page, of validation or of training images.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { requestJson } from "../http.js";

export default class extends Controller {
  static targets = ["images", "problem"];
  static outlets = ["chart"];
  static values = { url: String };

  async connect() {
    try {
      this.curves = await requestJson(this.urlValue);
    } catch (problem) {
      this.problemTarget.textContent = `The curves could not be loaded. ${problem.message} Load the page again.`;
      this.problemTarget.hidden = false;
      return;
    }
    this.draw();
  }

  // The page connects its panels in any order.
  chartOutletConnected() {
    this.draw();
  }

  draw() {
    if (!this.curves) return;
    const images = this.imagesTargets.find((choice) => choice.checked).value;
    const { epochs, runs } = this.curves;
    for (const chart of this.chartOutlets) {
      const column = chart.element.parentElement.dataset[images];
      chart.show(epochs, Object.fromEntries(Object.entries(runs).map(([number, columns]) => [`run-${number}`, columns[column]])));
    }
  }
}
