import { afterEach, beforeEach, expect, test, vi } from "vitest";

import FreshnessController from "../../webapp/static/controllers/freshness_controller.js";
import { startController } from "./start_controller.js";

const HTML = `<div data-controller="freshness" data-action="htmx:afterOnLoad->freshness#renew">
  <section data-every="2"></section>
  <p data-freshness-target="notice" hidden>old: <span data-freshness-target="age"></span></p></div>`;
let application, element, notice;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
  ({ application, element } = await startController("freshness", FreshnessController, HTML));
  notice = element.querySelector("p");
});

afterEach(() => {
  application.stop();
  vi.useRealTimers();
});

test("numbers are called old once several polls brought nothing", () => {
  vi.advanceTimersByTime(8000);
  expect(notice.hidden).toBe(true);
  vi.advanceTimersByTime(4000);
  expect(notice.hidden).toBe(false);
  expect(notice.textContent).toContain("12 s");
});

test("the notice goes as soon as an answer comes", () => {
  vi.advanceTimersByTime(60_000);
  expect(notice.hidden).toBe(false);
  element.querySelector("section").dispatchEvent(new CustomEvent("htmx:afterOnLoad", { bubbles: true }));
  expect(notice.hidden).toBe(true);
});

test("what does not poll any more never grows old", () => {
  element.querySelector("section").removeAttribute("data-every");
  vi.advanceTimersByTime(60_000);
  expect(notice.hidden).toBe(true);
});
