import { expect, test } from "vitest";

import ChoicePanelsController from "../../webapp/static/controllers/choice_panels_controller.js";
import { startController } from "./start_controller.js";

test("only the chosen panel shows", async () => {
  const { application, element } = await startController(
    "choice-panels",
    ChoicePanelsController,
    `<form data-controller="choice-panels" data-action="change->choice-panels#draw">
      <input type="radio" name="a" value="slots" data-choice-panels-target="choice" checked>
      <input type="radio" name="a" value="tiny" data-choice-panels-target="choice">
      <fieldset data-choice-panels-target="panel" data-choice="slots"></fieldset>
      <fieldset data-choice-panels-target="panel" data-choice="tiny"></fieldset></form>`,
  );
  const hidden = () => [...element.querySelectorAll("fieldset")].map((panel) => panel.hidden);
  expect(hidden()).toEqual([false, true]);
  element.querySelectorAll("input")[1].click();
  expect(hidden()).toEqual([true, false]);
  application.stop();
});
