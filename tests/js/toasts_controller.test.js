import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ToastsController from "../../webapp/static/controllers/toasts_controller.js";
import { toast } from "../../webapp/static/http.js";
import { settled, startController } from "./start_controller.js";

const ITEM = '<p></p><button data-action="toasts#close">x</button>';
const HTML = `<div data-controller="toasts" data-action="toast@document->toasts#show">
  <template data-toasts-target="template"><div class="toast" data-toasts-target="toast">${ITEM}</div></template></div>`;
let application, element;

beforeEach(async () => {
  ({ application, element } = await startController("toasts", ToastsController, HTML));
});

afterEach(() => {
  vi.useRealTimers();
  application.stop();
});

test("news from anywhere shows up as text, never as markup", async () => {
  toast("<b>Saved</b>", "success");
  const [shown] = element.querySelectorAll("div.toast");
  expect(shown.querySelector("p").textContent).toBe("<b>Saved</b>");
  expect(shown.classList).toContain("toast-success");
});

test("good news leaves by itself, an error stays until it is closed", async () => {
  vi.useFakeTimers();
  toast("Saved", "success");
  toast("Failed", "error");
  await vi.advanceTimersByTimeAsync(60_000);
  const shown = element.querySelectorAll("div.toast");
  expect([...shown].map((each) => each.querySelector("p").textContent)).toEqual(["Failed"]);
  vi.useRealTimers();
  shown[0].querySelector("button").click();
  await settled();
  expect(element.querySelectorAll("div.toast").length).toBe(0);
});
