import { afterEach, beforeEach, expect, test } from "vitest";

import ProjectFormController, {
  charactersOf,
  exampleTexts,
} from "../../webapp/static/controllers/project_form_controller.js";
import { startController } from "./start_controller.js";

const HTML = `<form data-controller="project-form">
  <button type="button" data-action="project-form#fill" data-project-form-characters-param="0123456789">Digits</button>
  <input name="alphabet" data-project-form-target="alphabet" data-action="project-form#draw">
  <span data-project-form-target="size"></span>
  <input type="checkbox" data-project-form-target="caseSensitive" data-action="project-form#draw">
  <input type="radio" name="kind" value="fixed" checked data-project-form-target="lengthKind" data-action="project-form#draw">
  <input type="radio" name="kind" value="range" data-project-form-target="lengthKind" data-action="project-form#draw">
  <span data-project-form-target="shortest"><input type="number" value="2" data-project-form-target="minLength"></span>
  <input type="number" value="5" data-project-form-target="maxLength" data-action="project-form#draw">
  <div data-project-form-target="examples" hidden><p data-project-form-target="exampleTexts"></p></div>
</form>`;
let application, element;

beforeEach(async () => {
  ({ application, element } = await startController("project-form", ProjectFormController, HTML));
});

afterEach(() => application.stop());

const examples = () => [...element.querySelectorAll(".example")].map((each) => each.textContent);

test("a preset fills the alphabet, leading zero included, and shows texts of that length", () => {
  element.querySelector("button").click();
  expect(element.querySelector("[name=alphabet]").value).toBe("0123456789");
  expect(examples()).toHaveLength(3);
  for (const text of examples()) expect(text).toMatch(/^[0-9]{5}$/);
});

test("a range shows its lower end and examples of both ends", () => {
  element.querySelector("button").click();
  element.querySelector("[value=range]").click();
  expect(element.querySelector("[data-project-form-target=shortest]").hidden).toBe(false);
  const lengths = examples().map((text) => text.length);
  expect(Math.min(...lengths)).toBe(2);
  expect(Math.max(...lengths)).toBe(5);
});

test("nothing is exemplified while the choices make no sense", () => {
  expect(exampleTexts([], 1, 5)).toEqual([]);
  expect(exampleTexts(["a"], 6, 5)).toEqual([]);
  expect(exampleTexts(["a"], 1, 99)).toEqual([]);
});

test("blanks and repeats do not count, and case only where it matters", () => {
  expect(charactersOf("a b\taA", false)).toEqual(["a", "b"]);
  expect(charactersOf("aA", true)).toEqual(["a", "A"]);
});
