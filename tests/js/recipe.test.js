import { expect, test } from "vitest";

import { readRecipe, sameRecipe, writeParameters } from "../../webapp/static/recipe.js";

const FORM = `
  <ol>
    <li data-step="channel"><select data-parameter="channel"><option>grey<option selected>red</select></li>
    <li data-step="median"><select data-parameter="size" data-number><option value="3" selected>3</select></li>
    <li data-step="threshold"><input type="range" data-parameter="value" data-number min="0" max="1" step="0.01" value="0.4"></li>
  </ol>
  <fieldset>
    <div data-slicing="equal"><input type="radio" name="slicing" value="equal"></div>
    <div data-slicing="projection"><input type="radio" name="slicing" value="projection" checked>
      <input type="number" data-parameter="min_gap" data-number value="2"></div>
  </fieldset>`;

function recipe() {
  document.body.innerHTML = FORM;
  return readRecipe(document.querySelectorAll("li"), document.querySelector("fieldset"));
}

test("a recipe is read in the order of its steps, numbers as numbers", () => {
  expect(recipe()).toEqual({
    steps: [{ step: "channel", channel: "red" }, { step: "median", size: 3 }, { step: "threshold", value: 0.4 }],
    slicing: { slicing: "projection", min_gap: 2 },
  });
});

test("recipes are the same whatever the order of their keys, but not of their steps", () => {
  const other = recipe();
  other.steps[1] = { size: 3, step: "median" };
  expect(sameRecipe(recipe(), other)).toBe(true);
  other.steps.reverse();
  expect(sameRecipe(recipe(), other)).toBe(false);
});

test("parameters are written where there are inputs for them", () => {
  recipe();
  const step = document.querySelector("[data-step=threshold]");
  writeParameters(step, { step: "threshold", value: 0.7 });
  expect(step.querySelector("input").value).toBe("0.7");
});
