import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { provideCanvas } from "./canvas_parts.js";
import { settled } from "./start_controller.js";

provideCanvas();
const { Application } = await import("/static/vendor/stimulus/stimulus.js");
const { default: ChartController } = await import("../../webapp/static/controllers/chart_controller.js");
const { default: ComparisonController } = await import("../../webapp/static/controllers/comparison_controller.js");

const CURVES = {
  epochs: [1, 2, 3],
  runs: {
    5: { validation_accuracy: [0.1, 0.2, 0.3], accuracy: [0.2, 0.3, 0.4] },
    7: { validation_accuracy: [0.5, 0.6, null], accuracy: [0.6, 0.7, null] },
  },
};
const SERIES = JSON.stringify([{ key: "run-5", label: "Run 5", colour: "--curve-1" }, { key: "run-7", label: "Run 7", colour: "--curve-2" }]);
const HTML = `<section data-controller="comparison" data-comparison-url-value="/curves/?run=5&run=7" data-comparison-chart-outlet=".chart-panel">
  <input type="radio" name="images" value="validation" checked data-action="comparison#draw" data-comparison-target="images">
  <input type="radio" name="images" value="training" data-action="comparison#draw" data-comparison-target="images">
  <p data-comparison-target="problem" hidden></p>
  <div data-validation="validation_accuracy" data-training="accuracy"><section class="chart-panel" data-controller="chart" data-chart-series-value='${SERIES}' data-chart-format-value="percent">
    <button data-chart-target="all"></button><div data-chart-target="plot"></div></section></div></section>`;

let application;
const chart = () => application.getControllerForElementAndIdentifier(document.querySelector(".chart-panel"), "chart").chart;
const problem = () => document.querySelector("[data-comparison-target=problem]");

async function open(response) {
  vi.stubGlobal("fetch", vi.fn(async () => response));
  document.body.innerHTML = HTML;
  application = Application.start();
  application.register("chart", ChartController);
  application.register("comparison", ComparisonController);
  for (let turn = 0; turn < 4; turn++) await settled();
}

beforeEach(() => vi.stubGlobal("requestAnimationFrame", (draw) => setTimeout(draw)));
afterEach(async () => {
  document.body.replaceChildren();
  await settled();
  application.stop();
});

test("each run is a curve of validation images", async () => {
  await open(Response.json(CURVES));
  expect(fetch).toHaveBeenCalledWith("/curves/?run=5&run=7", expect.anything());
  expect(chart().data).toEqual([[1, 2, 3], [0.1, 0.2, 0.3], [0.5, 0.6, null]]);
});

test("training images take their place", async () => {
  await open(Response.json(CURVES));
  document.querySelector("[value=training]").click();
  await settled();
  expect(chart().data).toEqual([[1, 2, 3], [0.2, 0.3, 0.4], [0.6, 0.7, null]]);
});

test("curves that cannot be loaded are told with what to do", async () => {
  await open(new Response("", { status: 500 }));
  expect(problem().hidden).toBe(false);
  expect(problem().textContent).toMatch(/^The curves could not be loaded\. .* Load the page again\.$/);
});
