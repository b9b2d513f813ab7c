import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { postJson, requestJson } from "../../webapp/static/http.js";

beforeEach(() => {
  document.body.setAttribute("hx-headers", '{"X-CSRFToken": "secret"}');
});

afterEach(() => vi.unstubAllGlobals());

function answer(status, body, extra = {}) {
  const fetch = vi.fn().mockResolvedValue({ ok: status < 400, status, json: async () => body, url: "http://x/", ...extra });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

test("a request carries the CSRF token and returns the server's JSON", async () => {
  const fetch = answer(200, { ok: true });
  expect(await postJson("/there/", { a: 1 })).toEqual({ ok: true });
  const [url, options] = fetch.mock.calls[0];
  expect(url).toBe("/there/");
  expect(options.headers["X-CSRFToken"]).toBe("secret");
  expect(options.body).toBe('{"a":1}');
});

test("a refusal speaks with the server's own sentence", async () => {
  answer(400, { error: "This import has no files yet." });
  await expect(requestJson("/there/")).rejects.toMatchObject({ message: "This import has no files yet.", status: 400 });
});

test("a failing server without JSON still gives a sentence that says what to do", async () => {
  answer(500, undefined, { json: async () => JSON.parse("<html>") });
  await expect(requestJson("/there/")).rejects.toThrow(/Try again/);
});

test("a lost session is told from an answer", async () => {
  answer(200, {}, { redirected: true, url: "http://localhost/sign-in/?next=/there/" });
  await expect(requestJson("/there/")).rejects.toThrow(/signed out/);
});
