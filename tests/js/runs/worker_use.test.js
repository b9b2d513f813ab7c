import { expect, test } from "vitest";

import { WorkerUse } from "../../../webapp/static/runs/worker_use.js";

test("samples are added behind those that are known, each once", () => {
  const use = new WorkerUse();
  use.load({ seconds: [5, 10], own: [0.5, 0.6] });
  for (const seconds of [10, 15]) use.add({ seconds, own: 0.7 });
  expect(use.columns).toEqual({ seconds: [5, 10, 15], own: [0.5, 0.6, 0.7] });
});

test("a figure that comes later has no value before", () => {
  const use = new WorkerUse();
  use.add({ seconds: 5, own: 0.5 });
  use.add({ seconds: 10, own: 0.5, gpu: 0.9 });
  expect(use.columns.gpu).toEqual([null, 0.9]);
});

test("however long the page is open, its size is bounded and the newest sample is kept", () => {
  const use = new WorkerUse();
  for (let number = 1; number <= 5000; number++) use.add({ seconds: number, own: 0.5 });
  expect(use.columns.seconds.length).toBeLessThanOrEqual(1001);
  expect(use.columns.seconds.at(-1)).toBe(5000);
});
