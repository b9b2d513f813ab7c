import { expect, test } from "vitest";

import { FORMATS, INCREMENTS } from "../../../webapp/static/runs/formats.js";

test("close marks of an axis are told apart", () => {
  expect([0.97, 0.975].map((mark) => FORMATS.percent(mark, 0.005))).toEqual(["97.0 %", "97.5 %"]);
  expect([0.2, 0.4].map((mark) => FORMATS.percent(mark, 0.2))).toEqual(["20 %", "40 %"]);
  expect(FORMATS.number(0.125, 0.025)).toBe("0.13");
});

test("a value alone is never rounded up to all", () => {
  expect(FORMATS.percent(0.9999)).toBe("99.9 %");
});

test("long times are told in minutes and hours", () => {
  expect([90, 300, 9000].map((seconds) => FORMATS.seconds(seconds))).toEqual(["90 s", "5 min", "2.5 h"]);
});

test("marks of an axis of bytes or of time are round in their own units", () => {
  expect(INCREMENTS.bytes.map((step) => FORMATS.bytes(step)).slice(20, 24)).toEqual(["1.00 GB", "2.00 GB", "4.00 GB", "8.00 GB"]);
  expect(INCREMENTS.seconds.slice(6, 9).map((step) => FORMATS.seconds(2 * step))).toEqual(["2 min", "4 min", "10 min"]);
});
