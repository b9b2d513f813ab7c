import { beforeEach, expect, test } from "vitest";

import { pageId } from "../../../webapp/static/labelling/page_id.js";

beforeEach(() => sessionStorage.clear());

test("a reload is the same page", () => {
  expect(pageId(sessionStorage)).toBe(pageId(sessionStorage));
});

test("another tab is another page", () => {
  const first = pageId(sessionStorage);
  sessionStorage.clear();
  expect(pageId(sessionStorage)).not.toBe(first);
});

test("without storage there is still an id", () => {
  const forbidden = { getItem: () => { throw new DOMException("forbidden", "SecurityError"); } };
  expect(pageId(forbidden)).toMatch(/^[0-9a-f-]{36}$/);
});
