import { expect, test } from "vitest";

import ConfirmNameController from "../../webapp/static/controllers/confirm_name_controller.js";
import { startController } from "./start_controller.js";

test("the button works only while the exact name stands in the field", async () => {
  const { application, element } = await startController(
    "confirm-name",
    ConfirmNameController,
    `<form data-controller="confirm-name" data-confirm-name-name-value="My digits">
      <input data-confirm-name-target="typed" data-action="confirm-name#check">
      <button data-confirm-name-target="button">Delete</button></form>`,
  );
  const [input, button] = [element.querySelector("input"), element.querySelector("button")];
  const type = (text) => {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  };
  expect(button.disabled).toBe(true);
  type("my digits");
  expect(button.disabled).toBe(true);
  type("My digits ");
  expect(button.disabled).toBe(false);
  type("My digit");
  expect(button.disabled).toBe(true);
  application.stop();
});
