import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ThemeController from "../../webapp/static/controllers/theme_controller.js";
import { startController } from "./start_controller.js";

const HTML = `<button data-controller="theme" data-action="theme#toggle">
  <span data-theme-target="light" hidden>sun</span><span data-theme-target="dark">moon</span></button>`;
let application;

beforeEach(() => vi.stubGlobal("matchMedia", () => ({ matches: true })));

afterEach(() => {
  application.stop();
  delete document.documentElement.dataset.theme;
  localStorage.clear();
  vi.unstubAllGlobals();
});

test("the toggle starts from the system's theme, switches, and remembers", async () => {
  let element;
  ({ application, element } = await startController("theme", ThemeController, HTML));
  expect(element.querySelector("[data-theme-target=light]").hidden).toBe(false);
  element.click();
  expect(document.documentElement.dataset.theme).toBe("light");
  expect(localStorage.getItem("theme")).toBe("light");
  expect(element.querySelector("[data-theme-target=light]").hidden).toBe(true);
  element.click();
  expect(localStorage.getItem("theme")).toBe("dark");
});

test("the toggle works where storage is forbidden", async () => {
  let element;
  ({ application, element } = await startController("theme", ThemeController, HTML));
  vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
    throw new Error("denied");
  });
  element.click();
  expect(document.documentElement.dataset.theme).toBe("light");
  vi.restoreAllMocks();
});
