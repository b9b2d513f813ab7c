import { afterEach, beforeEach, expect, test, vi } from "vitest";

import CopyController from "../../webapp/static/controllers/copy_controller.js";
import { settled, startController } from "./start_controller.js";

const HTML = `<div data-controller="copy"><pre data-copy-target="source">
curl "http://localhost:8000"
</pre><button data-action="copy#copy"><span data-copy-target="label">Copy</span></button></div>`;
let application, element, copied, news;

function clipboard(writeText) {
  Object.defineProperty(navigator, "clipboard", { value: writeText && { writeText }, configurable: true });
}

function hear(event) {
  news.push(event.detail.message);
}

beforeEach(async () => {
  copied = [];
  news = [];
  document.addEventListener("toast", hear);
  ({ application, element } = await startController("copy", CopyController, HTML));
});

afterEach(() => {
  vi.useRealTimers();
  document.removeEventListener("toast", hear);
  application.stop();
});

test("the text goes to the clipboard without the space around it, and the button says so for a while", async () => {
  clipboard(async (text) => copied.push(text));
  vi.useFakeTimers();
  element.querySelector("button").click();
  await vi.advanceTimersByTimeAsync(0);
  expect(copied).toEqual(['curl "http://localhost:8000"']);
  expect(element.querySelector("span").textContent).toBe("Copied");
  expect(news).toEqual(["Copied."]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(element.querySelector("span").textContent).toBe("Copy");
});

test("copying twice in a row still ends with the word of the beginning", async () => {
  clipboard(async (text) => copied.push(text));
  vi.useFakeTimers();
  element.querySelector("button").click();
  await vi.advanceTimersByTimeAsync(500);
  element.querySelector("button").click();
  await vi.advanceTimersByTimeAsync(2000);
  expect(element.querySelector("span").textContent).toBe("Copy");
  expect(copied).toHaveLength(2);
});

test.each([
  ["there is no clipboard", undefined],
  ["the browser says no", async () => Promise.reject(new DOMException("denied"))],
])("where %s, the text is selected and the keyboard is told", async (_, writeText) => {
  clipboard(writeText);
  element.querySelector("button").click();
  await settled();
  expect(window.getSelection().toString().trim()).toBe('curl "http://localhost:8000"');
  expect(news[0]).toContain("press Ctrl+C");
  expect(element.querySelector("span").textContent).toBe("Copy");
});
