import { expect, test } from "vitest";

import { duration, fileSize, plural, percent } from "../../webapp/static/words.js";

test.each([
  [0.3, "under 1 s"],
  [8, "8 s"],
  [60, "1 min"],
  [200, "3 min 20 s"],
  [900, "15 min"],
  [7500, "2 h 5 min"],
])("%s seconds read %s", (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [10, "1 KB"],
  [2048, "2 KB"],
  [3 * 2 ** 20, "3.0 MB"],
  [1.5 * 2 ** 30, "1.50 GB"],
])("%s bytes read %s", (bytes, text) => expect(fileSize(bytes)).toBe(text));

test("numbers and their words agree", () => {
  expect(plural(1, "file")).toBe("1 file");
  expect(plural(20000, "file")).toBe("20,000 files");
});

test("a share is never rounded up to all of it", () => {
  expect(percent(0.5)).toBe("50.0 %");
  expect(percent(0.9999)).toBe("99.9 %");
  expect(percent(1)).toBe("100.0 %");
});
