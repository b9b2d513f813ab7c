import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { provideCanvas } from "./canvas_parts.js";
import { startController } from "./start_controller.js";

provideCanvas();
const { default: ChartController } = await import("../../webapp/static/controllers/chart_controller.js");

const SERIES = [{ key: "loss", label: "Training", colour: "--accent" }, { key: "gpu", label: "GPU", colour: "--good" }];
const HTML = `<section data-controller="chart" data-chart-title-value="Run 3: loss" data-chart-file-name-value="run-3-loss" data-chart-series-value='${JSON.stringify(SERIES)}' data-chart-low-value="0">
  <button data-chart-target="all" data-action="chart#seeAll" hidden>See all</button>
  <details open><summary></summary><button id="png" data-action="chart#savePng"></button><button id="svg" data-action="chart#saveSvg"></button></details>
  <div data-chart-target="plot" tabindex="0"></div></section>`;

let application, controller, saved;
const settle = () => new Promise((resolve) => setTimeout(resolve, 30));

beforeEach(async () => {
  saved = [];
  URL.createObjectURL = (blob) => `blob:${saved.push(blob)}`;
  URL.revokeObjectURL = () => {};
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function () {
    saved.push(this.download);
  });
  ({ application, controller } = await startController("chart", ChartController, HTML));
  controller.show([1, 2, 3, 4], { loss: [4, 3, 2, 1] });
  await settle();
});

afterEach(async () => {
  document.body.replaceChildren();
  await settle();
  application.stop();
  vi.restoreAllMocks();
});

test("a column that is missing leaves its curve empty", () => {
  expect(controller.chart.plot.data).toEqual([[1, 2, 3, 4], [4, 3, 2, 1], [null, null, null, null]]);
});

test("who zoomed is offered to see all again", async () => {
  controller.chart.zoom([2, 3]);
  expect(controller.allTarget.hidden).toBe(false);
  controller.allTarget.click();
  await settle();
  expect([controller.allTarget.hidden, document.activeElement]).toEqual([true, controller.plotTarget]);
});

test("a drawing and a picture are saved under the chart's name, and the menu closes", async () => {
  document.getElementById("svg").click();
  document.getElementById("png").click();
  await settle();
  expect(saved.filter((one) => typeof one === "string")).toEqual(["run-3-loss.svg", "run-3-loss.png"]);
  expect(saved.filter((one) => one instanceof Blob).map(({ type }) => type)).toEqual(["image/svg+xml", "image/png"]);
  expect(document.querySelector("details").open).toBe(false);
});
