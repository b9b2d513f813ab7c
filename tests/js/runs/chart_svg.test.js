import { expect, test } from "vitest";

import { chartSvg, niceMarks } from "../../../webapp/static/runs/chart_svg.js";

const BASE = {
  title: "Loss", series: [{ label: "Training", colour: "#112233", dash: [5, 4] }], data: [[1, 2, 3], [3, 2, 1]],
  x: { label: "Epoch", format: String }, format: String, window: [1, 3], range: [0, 3],
  ink: "#000000", soft: "#333333", line: "#cccccc", background: "#ffffff",
};
const parsed = (changes = {}) => new DOMParser().parseFromString(chartSvg({ ...BASE, ...changes }), "image/svg+xml");
const curve = (changes) => parsed(changes).querySelector("g path").getAttribute("d");

test("a curve is a path with a point for each value", () => {
  expect(curve().match(/[ML]/g).join("")).toBe("MLL");
  expect(parsed().querySelector("image")).toBeNull();
});

test("a missing value interrupts the curve", () => {
  expect(curve({ data: [[1, 2, 3, 4], [3, null, 1, 2]], window: [1, 4] }).match(/[ML]/g).join("")).toBe("MML");
});

test("beyond what is seen the curve goes on for one point only", () => {
  const xs = Array.from({ length: 100 }, (_, index) => index);
  expect(curve({ data: [xs, xs], window: [50, 52], range: [0, 100] }).match(/[ML]/g)).toHaveLength(5);
});

test("words are escaped", () => {
  expect(parsed({ title: `a < b & "c"` }).querySelector("title").textContent).toBe(`a < b & "c"`);
});

test("dashes and colours are kept", () => {
  const path = parsed().querySelector("g path");
  expect([path.getAttribute("stroke"), path.getAttribute("stroke-dasharray")]).toEqual(["#112233", "5 4"]);
});

test("marks are round numbers within the range", () => {
  expect(niceMarks(0, 1)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(niceMarks(0.93, 0.99)).toEqual([0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99]);
  expect(niceMarks(0, 250, [1, 60, 3600])).toEqual([0, 60, 120, 180, 240]);
  expect(niceMarks(0, 10_000)).toEqual([0, 2000, 4000, 6000, 8000, 10000]);
});
