import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { provideCanvas } from "./canvas_parts.js";
import { startController } from "./start_controller.js";

provideCanvas();
const { default: RunController } = await import("../../webapp/static/controllers/run_controller.js");

// The line to the server; the test says what comes over it.
class Line extends EventTarget {
  constructor(url) {
    super();
    this.url = url;
    Line.last = this;
  }

  close() {
    this.isClosed = true;
  }

  bring(type, data) {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data) }));
  }
}

const NAMES = ["live", "stage", "batch", "speed", "estimate", "hint", "lost", "accuracy", "accuracyNote", "accuracyChart", "loss", "lossChart"];
const HTML = `<div data-controller="run" data-run-events-url-value="/events/" data-run-state-value="queued" data-run-active-value="true" data-run-waiting-value="false">
  ${NAMES.map((name) => `<p data-run-target="${name}"></p>`).join("")}<progress data-run-target="bar" max="100"></progress>
  <details data-run-target="tableSection" hidden><table><tbody data-run-target="rows"></tbody></table></details></div>`;
const RUNNING = { state: "running", stage: "training", percent: 40, epoch: 4, epochs_planned: 10, batch: 3, batches: 20, images_per_second: 512.4, seconds_left: 95 };
const epoch = (number, accuracy) => ({
  number, loss: 1, validation_loss: 0.5, character_accuracy: 0.9, validation_character_accuracy: 0.9,
  whole_string_accuracy: 0.8, validation_whole_string_accuracy: accuracy, learning_rate: 0.001, seconds: 2,
});

let application, controller, changes;
const countChange = () => changes++;

beforeEach(async () => {
  vi.stubGlobal("EventSource", Line);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "requestAnimationFrame", "cancelAnimationFrame"] });
  const started = startController("run", RunController, HTML);
  await vi.runAllTimersAsync();
  ({ application, controller } = await started);
  changes = 0;
  document.addEventListener("run:changed", countChange);
});

afterEach(() => {
  document.removeEventListener("run:changed", countChange);
  application.stop();
  vi.useRealTimers();
});

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
  for (const each of [epoch(1, 0.25), epoch(2, 0.75), epoch(3, 0.5)]) Line.last.bring("epoch", each);
  await vi.runAllTimersAsync();
  expect(text("accuracy")).toBe("75.0 %");
  expect(text("accuracyNote")).toBe("best, after epoch 2; 50.0 % after epoch 3");
  expect(controller.rowsTarget.querySelectorAll("tr")).toHaveLength(3);
});

test("the chart holds every epoch", async () => {
  for (const each of [epoch(1, 0.25), epoch(2, 0.75)]) Line.last.bring("epoch", each);
  await vi.runAllTimersAsync();
  expect(controller.accuracyChart.plot.data).toEqual([[1, 2], [0.8, 0.8], [0.25, 0.75]]);
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

test("the end of the run closes the line", () => {
  Line.last.bring("done", { state: "done" });
  expect(Line.last.isClosed).toBe(true);
  expect(controller.liveTarget.hidden).toBe(true);
});

test("each new state of the run has the summary renewed, once", () => {
  for (const state of ["queued", "running", "running", "done"]) Line.last.bring("state", { ...RUNNING, state });
  expect(changes).toBe(2);
});
