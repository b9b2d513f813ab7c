import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { provideCanvas } from "../canvas_parts.js";

provideCanvas();
const { Chart } = await import("../../../webapp/static/runs/chart.js");

const SERIES = [{ label: "Training", colour: "--ink-faint", dash: [5, 4] }, { label: "Validation", colour: "#336699" }];
const DATA = [[1, 2, 3, 4, 5], [0.1, 0.2, 0.3, 0.4, 0.5], [0.2, 0.3, 0.4, null, 0.6]];
let chart, zooms;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame"] });
  document.body.innerHTML = `<div id="plot" tabindex="0"></div>`;
  zooms = [];
  chart = new Chart(document.getElementById("plot"), { series: SERIES, format: "percent", low: 0, high: 1, onZoom: (zoomed) => zooms.push(zoomed) });
});

afterEach(() => {
  chart.destroy();
  vi.useRealTimers();
});

async function shown(data) {
  chart.show(data);
  await vi.runAllTimersAsync();
}

const seen = () => [chart.plot.scales.x.min, chart.plot.scales.x.max];
const press = (key, more = {}) => chart.element.dispatchEvent(new KeyboardEvent("keydown", { key, cancelable: true, ...more }));
// uPlot computes scales in a microtask.
const settle = () => vi.runAllTimersAsync();

test("any number of series is drawn, named in the legend", async () => {
  await shown(DATA);
  const labels = [...chart.element.querySelectorAll(".u-legend .u-label")].map((one) => one.textContent);
  expect(labels).toEqual(["Epoch", "Training", "Validation"]);
  expect(chart.plot.data).toEqual(DATA);
});

test("data that come within one frame are drawn once", async () => {
  const draw = vi.spyOn(chart.plot, "setData");
  for (let count = 1; count <= 100; count++) chart.show([DATA[0].slice(0, count), [], []]);
  await vi.runAllTimersAsync();
  expect(draw).toHaveBeenCalledTimes(1);
});

test("what is zoomed into stays so when data come", async () => {
  await shown(DATA);
  chart.zoom([2, 3]);
  await shown([[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]);
  expect(seen()).toEqual([2, 3]);
});

test("a chart that is not zoomed grows with its data", async () => {
  await shown(DATA);
  await shown([[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]]);
  expect(seen()).toEqual([1, 6]);
});

test("a window never leaves the data, and one that holds all of them is no zoom", async () => {
  await shown(DATA);
  chart.zoom([-10, 3]);
  await settle();
  expect(seen()).toEqual([1, 3]);
  chart.zoom([-10, 30]);
  await settle();
  expect([seen(), zooms]).toEqual([[1, 5], [true, false]]);
});

test("keys zoom, move and see all again", async () => {
  await shown(DATA);
  press("+");
  await settle();
  expect(seen()).toEqual([2, 4]);
  press("ArrowRight");
  await settle();
  expect(seen()).toEqual([2.5, 4.5]);
  press("Escape");
  await settle();
  expect(seen()).toEqual([1, 5]);
});

test("keys of the browser, and keys without a meaning, are left alone", async () => {
  await shown(DATA);
  expect([press("+", { ctrlKey: true }), press("Tab"), press("ArrowLeft")]).toEqual([true, true, true]);
});

test("the curves fill the height once part of them is zoomed into", async () => {
  await shown([[1, 2, 3, 4], [0.1, 0.97, 0.98, 0.99], [0.1, 0.97, 0.98, 0.99]]);
  await settle();
  expect([chart.plot.scales.y.min, chart.plot.scales.y.max]).toEqual([0, 1]);
  chart.zoom([2, 4]);
  await settle();
  expect(chart.plot.scales.y.min).toBeGreaterThan(0.9);
});

test("other series take the place of these", () => {
  chart.showSeries([{ label: "Run 1", colour: "red" }, { label: "Run 2", colour: "blue" }, { label: "Run 3", colour: "green" }], [[1, 2], [1, 2], [2, 3], [3, 4]]);
  expect([...chart.element.querySelectorAll(".u-legend .u-label")].map((one) => one.textContent)).toEqual(["Epoch", "Run 1", "Run 2", "Run 3"]);
});

test("a drawing holds the title, the series and what is seen", async () => {
  await shown(DATA);
  await settle();
  const drawing = new DOMParser().parseFromString(chart.svg("Accuracy of <run 3>"), "image/svg+xml");
  expect(drawing.querySelector("title").textContent).toBe("Accuracy of <run 3>");
  expect(drawing.querySelectorAll("g path")).toHaveLength(2);
});

test("a picture is a PNG", async () => {
  await shown(DATA);
  expect((await chart.png("Accuracy")).type).toBe("image/png");
});
