import { expect, test } from "vitest";

import { FORMATS } from "../../../webapp/static/runs/formats.js";

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
