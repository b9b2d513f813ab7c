import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { watchHtmx } from "../../webapp/static/htmx_setup.js";

let said;

const remember = (event) => said.push(event.detail.message);

beforeEach(() => {
  said = [];
  document.body.innerHTML = `<button></button><section hx-trigger="every 2s"></section><div data-quiet-errors><i></i></div>`;
  document.addEventListener("toast", remember);
  // A fresh root per test, so that listeners of earlier tests do not speak too.
  watchHtmx(document.body);
});

afterEach(() => {
  document.removeEventListener("toast", remember);
  document.body.replaceWith(document.createElement("body"));
  vi.restoreAllMocks();
});

function fire(selector, name, detail = {}) {
  const event = new CustomEvent(name, { bubbles: true, cancelable: true, detail });
  document.querySelector(selector).dispatchEvent(event);
  return event;
}

test("a failed request is said in words", () => {
  fire("button", "htmx:responseError", { xhr: { status: 500 } });
  fire("button", "htmx:sendError");
  expect(said).toHaveLength(2);
  expect(said[0]).toMatch(/server failed/);
  expect(said[1]).toMatch(/cannot be reached/);
});

test("fragments that poll in the background fail without a word", () => {
  fire("i", "htmx:sendError");
  expect(said).toEqual([]);
});

test("a page that nobody looks at does not poll, but still does what it is asked to", () => {
  vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  expect(fire("section", "htmx:beforeRequest").defaultPrevented).toBe(true);
  expect(fire("button", "htmx:beforeRequest").defaultPrevented).toBe(false);
});

test("the sign-in page is never put into a fragment", () => {
  const reload = vi.fn();
  vi.stubGlobal("location", { href: "http://localhost/", reload });
  const event = fire("section", "htmx:beforeSwap", { xhr: { responseURL: "http://localhost/sign-in/?next=/" }, shouldSwap: true });
  expect(event.detail.shouldSwap).toBe(false);
  expect(reload).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});
