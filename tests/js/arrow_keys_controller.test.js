import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ArrowKeysController from "../../webapp/static/controllers/arrow_keys_controller.js";
import { startController } from "./start_controller.js";

let application, followed;

beforeEach(async () => {
  ({ application } = await startController(
    "arrow-keys",
    ArrowKeysController,
    `<input><nav data-controller="arrow-keys" data-action="keydown@document->arrow-keys#go">
      <a rel="prev" href="#before">Previous</a><a rel="next" href="#after">Next</a></nav>`,
  ));
  followed = [];
  for (const link of document.querySelectorAll("a")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      followed.push(link.rel);
    });
  }
});

afterEach(() => {
  application.stop();
  vi.restoreAllMocks();
});

function press(key, target = document.body, more = {}) {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));
}

test("left and right follow the links to the neighbours", () => {
  press("ArrowRight");
  press("ArrowLeft");
  press("ArrowDown");
  expect(followed).toEqual(["next", "prev"]);
});

test("arrows in a field and with modifiers keep their own meaning", () => {
  press("ArrowRight", document.querySelector("input"));
  press("ArrowLeft", document.body, { altKey: true });
  expect(followed).toEqual([]);
});
