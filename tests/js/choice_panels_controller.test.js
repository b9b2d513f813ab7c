import { expect, test } from "vitest";

import ChoicePanelsController from "../../webapp/static/controllers/choice_panels_controller.js";
import { startController } from "./start_controller.js";

test("only the chosen panel shows, and only its fields are sent", async () => {
  const { application, element } = await startController(
    "choice-panels",
    ChoicePanelsController,
    `<form data-controller="choice-panels" data-action="change->choice-panels#draw">
      <input type="radio" name="a" value="slots" data-choice-panels-target="choice" checked>
      <input type="radio" name="a" value="tiny" data-choice-panels-target="choice">
      <fieldset data-choice-panels-target="panel" data-choice="slots"></fieldset>
      <fieldset data-choice-panels-target="panel" data-choice="tiny"></fieldset></form>`,
  );
  const panels = () => [...element.querySelectorAll("fieldset")].map((panel) => [panel.hidden, panel.disabled]);
  expect(panels()).toEqual([[false, false], [true, true]]);
  element.querySelectorAll("input")[1].click();
  expect(panels()).toEqual([[true, true], [false, false]]);
  application.stop();
});

test("a panel may belong to several choices", async () => {
  const { application, element } = await startController(
    "choice-panels",
    ChoicePanelsController,
    `<form data-controller="choice-panels" data-action="change->choice-panels#draw">
      <input type="radio" name="a" value="slots" data-choice-panels-target="choice" checked>
      <input type="radio" name="a" value="ctc" data-choice-panels-target="choice">
      <input type="radio" name="a" value="forest" data-choice-panels-target="choice">
      <fieldset data-choice-panels-target="panel" data-choice="slots ctc"></fieldset></form>`,
  );
  const shown = [...element.querySelectorAll("input")].map((choice) => {
    choice.click();
    return !element.querySelector("fieldset").hidden;
  });
  expect(shown).toEqual([true, true, false]);
  application.stop();
});

test("folded details open where a field in them is invalid", async () => {
  const { application, element } = await startController(
    "choice-panels",
    ChoicePanelsController,
    `<form data-controller="choice-panels" data-action="invalid->choice-panels#unfold:capture">
      <details><summary>More</summary><input type="number" max="1" value="5"></details></form>`,
  );
  const details = element.querySelector("details");
  expect(details.open).toBe(false);
  element.querySelector("input").dispatchEvent(new Event("invalid", { cancelable: true }));
  expect(details.open).toBe(true);
  application.stop();
});
