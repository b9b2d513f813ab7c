import { expect, test } from "vitest";

import { makeBatches } from "../../../webapp/static/uploads/batches.js";

const item = (name, size) => ({ name, file: { size } });
const names = (batches) => batches.map((batch) => batch.map(({ name }) => name));

test("a batch ends at the count or at the bytes, whichever comes first, and order is kept", () => {
  const items = [item("a", 1), item("b", 1), item("c", 1), item("d", 9), item("e", 2)];
  expect(names(makeBatches(items, { maxFiles: 2, maxBytes: 10 }))).toEqual([["a", "b"], ["c", "d"], ["e"]]);
});

test("a file larger than a request goes alone", () => {
  expect(names(makeBatches([item("a", 1), item("zip", 99), item("b", 1)], { maxBytes: 10 }))).toEqual([
    ["a"],
    ["zip"],
    ["b"],
  ]);
});

test("no files make no batch", () => {
  expect(makeBatches([])).toEqual([]);
});
