import { afterEach, beforeEach, expect, test } from "vitest";

import ReadingCardsController from "../../webapp/static/controllers/reading_cards_controller.js";
import { settled, startController } from "./start_controller.js";

const card = (text, { checked = false, choices = "", doubt = 2 } = {}) =>
  `<article data-reading-cards-target="card" ${checked ? "data-checked" : ""}>
    <button type="button" data-action="reading-cards#choose" data-place="${doubt}" data-text="8"></button>
    <form><input name="text" value="${text}" data-choices="${choices}"></form></article>`;
const HTML = `<div data-controller="reading-cards" data-action="keydown->reading-cards#key submit->reading-cards#saved">
  <button data-reading-cards-target="confirm" data-action="reading-cards#confirmAll"></button>
  ${card("11", { checked: true })}${card("235", { choices: "27 38B 5" })}${card("33")}
  <a rel="next" href="#next">Next</a></div>`;
let application, element, fields, submitted;

beforeEach(async () => {
  ({ application, element } = await startController("reading-cards", ReadingCardsController, HTML));
  fields = [...element.querySelectorAll("input[name=text]")];
  fields[0].focus();
  submitted = [];
  element.addEventListener("submit", (event) => {
    event.preventDefault();
    submitted.push(event.target.elements.text.value);
  });
});

afterEach(() => application.stop());

function press(key, options = {}) {
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...options }));
}

const selected = (field) => [field.selectionStart, field.selectionEnd];

test("the arrows move from card to card, with the text selected", () => {
  press("ArrowDown");
  expect(document.activeElement).toBe(fields[1]);
  expect(selected(fields[1])).toEqual([0, 3]);
  press("ArrowUp");
  expect(document.activeElement).toBe(fields[0]);
});

test("saving goes on to the next card, and behind the last one to the next page", () => {
  fields[0].form.requestSubmit();
  expect(document.activeElement).toBe(fields[1]);
  fields[2].form.requestSubmit();
  expect(document.activeElement.rel).toBe("next");
});

test("a press on an alternative puts it in its place", () => {
  element.querySelectorAll("[data-place]")[1].click();
  expect(fields[1].value).toBe("285");
  expect(document.activeElement).toBe(fields[1]);
  expect(selected(fields[1])).toEqual([1, 2]);
});

test("Alt and the arrows try what the character at the cursor could be, round and round", () => {
  fields[1].focus();
  fields[1].setSelectionRange(1, 1);
  const seen = ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"].map((key) => {
    press(key, { altKey: true });
    return fields[1].value;
  });
  expect(seen).toEqual(["285", "2B5", "235", "2B5"]);
  expect(document.activeElement).toBe(fields[1]);
});

test("with the whole text selected, the first doubt is tried", () => {
  press("ArrowDown");
  press("ArrowDown", { altKey: true });
  expect(fields[1].value).toBe("285");
});

test("where characters were added, positions mean nothing and nothing is tried", () => {
  fields[1].focus();
  fields[1].value = "2235";
  fields[1].setSelectionRange(1, 1);
  press("ArrowDown", { altKey: true });
  expect(fields[1].value).toBe("2235");
});

test("what nobody has checked yet is confirmed all at once", async () => {
  const button = element.querySelector("[data-reading-cards-target=confirm]");
  expect(button.textContent).toBe("Confirm 2 readings as shown");
  button.click();
  expect(submitted).toEqual(["235", "33"]);
  for (const one of element.querySelectorAll("article:not([data-checked])")) one.remove();
  await settled();
  expect(button.hidden).toBe(true);
});

test("a stranger is not confirmed along with the others", async () => {
  element.querySelectorAll("article")[2].setAttribute("data-stranger", "");
  element.querySelectorAll("article")[0].remove();
  await settled();
  const button = element.querySelector("[data-reading-cards-target=confirm]");
  expect(button.textContent).toBe("Confirm 1 reading as shown");
  button.click();
  expect(submitted).toEqual(["235"]);
});
