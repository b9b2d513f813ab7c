import { expect, test } from "vitest";

import { Pace } from "../../../webapp/static/labelling/pace.js";

function paced(...times) {
  const pace = new Pace();
  for (const time of times) pace.tick(time);
  return pace;
}

test("two seconds an image are thirty a minute", () => {
  const pace = paced(0, 2000, 4000, 6000);
  expect(pace.perMinute).toBe(30);
  expect(pace.secondsFor(15)).toBe(30);
});

test("too little work has no pace yet", () => {
  expect(paced(0, 2000, 4000).perMinute).toBeNull();
});

test("a pause does not count as slow work", () => {
  expect(paced(0, 2000, 4000, 600_000, 602_000).perMinute).toBe(30);
});
