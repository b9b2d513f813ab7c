import { afterEach, beforeEach, expect, test } from "vitest";

import MenuController from "../../webapp/static/controllers/menu_controller.js";
import { startController } from "./start_controller.js";

const HTML = `<p id="beside"></p><details data-controller="menu" data-action="keydown.esc->menu#close click@document->menu#closeOutside" open><summary>Save</summary><button id="inside"></button></details>`;
let application, element;

beforeEach(async () => {
  ({ application, element } = await startController("menu", MenuController, HTML));
});

afterEach(() => application.stop());

test("a press beside it closes the menu, one inside does not", () => {
  document.getElementById("inside").click();
  expect(element.open).toBe(true);
  document.getElementById("beside").click();
  expect(element.open).toBe(false);
});

test("Escape closes it and goes back to its button", () => {
  document.getElementById("inside").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  expect([element.open, document.activeElement]).toEqual([false, element.querySelector("summary")]);
});
