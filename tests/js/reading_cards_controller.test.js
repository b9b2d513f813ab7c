import { afterEach, beforeEach, expect, test } from "vitest";

import ReadingCardsController from "../../webapp/static/controllers/reading_cards_controller.js";
import { settled, startController } from "./start_controller.js";

const card = (text, sure) =>
  `<article data-reading-cards-target="card" data-sure="${sure}"><form><input name="text" value="${text}"></form></article>`;
const HTML = `<div data-controller="reading-cards" data-action="keydown->reading-cards#key submit->reading-cards#saved">
  <input type="checkbox" data-reading-cards-target="unsureOnly" data-action="reading-cards#filter"><span data-reading-cards-target="unsureCount"></span>
  <div data-reading-cards-target="list">${card("11", true)}${card("22", false)}${card("33", true)}${card("44", false)}</div>
  <p data-reading-cards-target="noneUnsure" hidden></p></div>`;
let application, element, controller, fields;

beforeEach(async () => {
  ({ application, element, controller } = await startController("reading-cards", ReadingCardsController, HTML));
  fields = [...element.querySelectorAll("input[name=text]")];
  fields[0].focus();
});

afterEach(() => application.stop());

function press(key) {
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

test("the arrows move from card to card, with the text selected", () => {
  press("ArrowDown");
  expect(document.activeElement).toBe(fields[1]);
  expect([fields[1].selectionStart, fields[1].selectionEnd]).toEqual([0, 2]);
  press("ArrowUp");
  expect(document.activeElement).toBe(fields[0]);
});

test("saving goes on to the next card", () => {
  fields[0].form.dispatchEvent(new Event("submit", { bubbles: true, cancelable: true }));
  expect(document.activeElement).toBe(fields[1]);
});

test("with the filter on, only unsure cards are counted in", () => {
  expect(controller.unsureCountTarget.textContent).toBe("2 of 4");
  controller.unsureOnlyTarget.click();
  fields[1].focus();
  press("ArrowDown");
  expect(document.activeElement).toBe(fields[3]);
});

test("when nothing unsure is left, the page says so", async () => {
  controller.unsureOnlyTarget.click();
  for (const one of element.querySelectorAll("[data-sure=false]")) one.remove();
  await settled();
  expect(controller.noneUnsureTarget.hidden).toBe(false);
});
