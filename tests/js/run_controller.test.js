import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { provideCanvas } from "./canvas_parts.js";
import { Line } from "./line.js";
import { startController } from "./start_controller.js";

provideCanvas();
const { default: RunController } = await import("../../webapp/static/controllers/run_controller.js");
const { default: ChartController } = await import("../../webapp/static/controllers/chart_controller.js");

const NAMES = [
  "live", "stage", "batch", "speed", "estimate", "hint", "lost", "figures", "accuracy", "accuracyNote", "characters", "charactersNote",
  "loss", "lossNote", "rate", "earlier", "worker", "workerText", "workerCharts",
];
const chart = (columns, key) => `<div class="run-chart" data-run-columns="${columns}"><section data-controller="chart" data-chart-format-value="percent"
  data-chart-series-value='[{"key": "${key}", "label": "It", "colour": "--accent"}]'><button data-chart-target="all" hidden></button><div data-chart-target="plot" tabindex="0"></div></section></div>`;
const HTML = `<div data-controller="run" data-run-chart-outlet=".run-chart [data-controller~=chart]" data-run-history-url-value="/history/" data-run-events-url-value="/events/" data-run-state-value="queued" data-run-readings-value="first" data-run-rounds-value="1:2.000" data-run-active-value="true" data-run-waiting-value="false">
  ${NAMES.map((name) => `<p data-run-target="${name}"></p>`).join("")}<progress data-run-target="bar" max="100"></progress>
  <details data-run-target="tableSection" hidden><table><tbody data-run-target="rows"></tbody></table></details>
  ${chart("epochs", "validation_whole_string_accuracy")}${chart("use", "own")}</div>`;
const RUNNING = { state: "running", stage: "training", percent: 40, epoch: 4, epochs_planned: 10, batch: 3, batches: 20, images_per_second: 512.4, seconds_left: 95 };
const epoch = (number, accuracy) => ({
  number, loss: 1, validation_loss: 0.5, character_accuracy: 0.9, validation_character_accuracy: 0.9,
  whole_string_accuracy: 0.8, validation_whole_string_accuracy: accuracy, learning_rate: 0.001, seconds: 2,
});

const HISTORY = { cursor: 0, epochs: { number: [] }, use: null };

let application, controller, changes, readings, rounds;
const countChange = () => changes++;
const countReading = () => readings++;
const countRounds = () => rounds++;

beforeEach(async () => {
  vi.stubGlobal("EventSource", Line);
  vi.stubGlobal("fetch", async () => ({ ok: true, status: 200, url: "http://localhost/", json: async () => structuredClone(HISTORY) }));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame"] });
  const started = startController("run", RunController, HTML);
  await vi.runAllTimersAsync();
  ({ application, controller } = await started);
  application.register("chart", ChartController);
  await settled();
  changes = readings = rounds = 0;
  document.addEventListener("run:changed", countChange);
  document.addEventListener("run:read", countReading);
  document.addEventListener("run:rounded", countRounds);
});

afterEach(async () => {
  document.body.replaceChildren();
  await settled();
  document.removeEventListener("run:changed", countChange);
  document.removeEventListener("run:read", countReading);
  document.removeEventListener("run:rounded", countRounds);
  application.stop();
  vi.useRealTimers();
});

async function settled() {
  await vi.advanceTimersByTimeAsync(50);
}

function bringEpochs(...epochs) {
  epochs.forEach((each, index) => Line.last.bring("epoch", each, index + 1));
}

const text = (name) => controller[`${name}Target`].textContent;

test("progress, speed and estimate follow the state", () => {
  Line.last.bring("state", RUNNING);
  expect([text("stage"), text("batch"), text("speed"), text("estimate")]).toEqual([
    "Epoch 4 of 10", "batch 3 of 20", "512 images/s", "about 1 min 35 s left",
  ]);
  expect(controller.barTarget.value).toBe(40);
});

test("a run that trains one position after the other tells at which it is", () => {
  Line.last.bring("state", { ...RUNNING, stage: "training position 2 of 6" });
  expect([text("stage"), text("batch")]).toEqual(["Training position 2 of 6", "batch 3 of 20"]);
});

test("the headline tells the best and the newest validation accuracy", async () => {
  bringEpochs(epoch(1, 0.25), epoch(2, 0.75), epoch(3, 0.5));
  await settled();
  expect(text("accuracy")).toBe("75.0 %");
  expect(text("accuracyNote")).toBe("best, after epoch 2; 50.0 % after epoch 3");
  expect(controller.rowsTarget.querySelectorAll("tr")).toHaveLength(3);
});

test("each chart shows its own columns", async () => {
  bringEpochs(epoch(1, 0.25), epoch(2, 0.75));
  for (const seconds of [5, 10]) Line.last.bring("use", { seconds, own: seconds / 10, machine: 0.9, memory: 3e9 });
  await settled();
  expect(controller.chartOutlets.map(({ chart }) => chart.plot.data)).toEqual([[[1, 2], [0.25, 0.75]], [[5, 10], [0.5, 1]]]);
});

test("what the worker uses is said in words", async () => {
  Line.last.bring("use", { seconds: 5, own: 0.5, machine: 0.9, memory: 3 * 2 ** 30, gpu: 0.25, gpu_memory: 2 ** 30 });
  expect(text("workerText")).toBe("processor 50 % (machine 90 %) · memory 3.00 GB · GPU 25 %, 1.00 GB");
  Line.last.bring("use", { seconds: 10, own: 0.5, machine: 0.9, memory: 3 * 2 ** 30 });
  expect(text("workerText")).not.toContain("GPU");
});

test("rounds are asked for when they are other ones than the page shows", () => {
  for (const version of ["1:2.000", "1:40.000", "1:40.000"]) Line.last.bring("rounds", version);
  expect(rounds).toBe(1);
});

test("new readings are asked for once", () => {
  for (const version of ["first", "second", "second"]) Line.last.bring("readings", version);
  expect(readings).toBe(1);
});

test("of very many epochs the table shows the newest, and says so", async () => {
  bringEpochs(...Array.from({ length: 150 }, (_, index) => epoch(index + 1, 0.5)));
  await settled();
  expect(controller.rowsTarget.querySelectorAll("tr")).toHaveLength(100);
  expect([controller.rowsTarget.textContent.startsWith("150"), controller.earlierTarget.hidden]).toEqual([true, false]);
});

test("a run that no worker takes says after a while what to do", async () => {
  Line.last.bring("state", { ...RUNNING, state: "queued", stage: "" });
  expect(controller.hintTarget.hidden).toBe(true);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(controller.hintTarget.hidden).toBe(false);
  Line.last.bring("state", RUNNING);
  expect(controller.hintTarget.hidden).toBe(true);
});

test("a lost connection is told until it is back", () => {
  Line.last.dispatchEvent(new Event("error"));
  expect(controller.lostTarget.hidden).toBe(false);
  Line.last.dispatchEvent(new Event("open"));
  expect(controller.lostTarget.hidden).toBe(true);
});

test("the end of the run closes the line", async () => {
  Line.last.bring("done", { state: "done" });
  await settled();
  expect(Line.last.isClosed).toBe(true);
  expect(controller.liveTarget.hidden).toBe(true);
});

test("each new state of the run has the summary renewed, once", () => {
  for (const state of ["queued", "running", "running", "done"]) Line.last.bring("state", { ...RUNNING, state });
  expect(changes).toBe(2);
});

test("what a training without labels comes to is asked for whenever it is told", () => {
  let asked = 0;
  const count = () => asked++;
  document.addEventListener("run:without-labels", count);
  for (const version of ["first", "second"]) Line.last.bring("without_labels", version);
  document.removeEventListener("run:without-labels", count);
  expect(asked).toBe(2);
});
