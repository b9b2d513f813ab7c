import { expect, test } from "vitest";

import { neighbour } from "../../../webapp/static/sheets/grid.js";

// Two groups: rows of three, three and two; then a heading's gap, and a row of two.
const boxes = [[0, 0], [0, 50], [0, 100], [40, 0], [40, 50], [40, 100], [80, 0], [80, 50], [150, 0], [150, 50]]
  .map(([top, left]) => ({ top, left }));

test.each([
  ["ArrowRight", 0, 1],
  ["ArrowRight", 2, 3],
  ["ArrowRight", 9, -1],
  ["ArrowLeft", 3, 2],
  ["ArrowLeft", 0, -1],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 5, 7],
  ["ArrowDown", 7, 9],
  ["ArrowDown", 9, -1],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 8, 6],
  ["ArrowUp", 1, -1],
  ["Home", 5, 0],
  ["End", 5, 9],
])("%s leads from cell %i to %i", (key, from, to) => {
  expect(neighbour(boxes, from, key)).toBe(to);
});
