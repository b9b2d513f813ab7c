import { expect, test } from "vitest";

import { randomUuid } from "../../../webapp/static/labelling/uuid.js";

test("a key is a version 4 UUID, each time another one", () => {
  const keys = Array.from({ length: 200 }, randomUuid);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(200);
});
