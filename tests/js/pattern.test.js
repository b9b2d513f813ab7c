import { expect, test } from "vitest";

import { hasPattern, patternWish, writePattern } from "../../webapp/static/pattern.js";

const FORM = `
  <ol>
    <li data-step="channel"><select data-parameter="channel"><option selected>grey</select></li>
    <li data-step="remove_fixed"><select data-parameter="method"><option selected>and</select>
      <input type="hidden" data-parameter="pattern" value="abcd"><input type="hidden" data-parameter="images" data-number value="20">
      <img data-pattern="picture" hidden><p data-pattern="state"></p></li>
    <li data-step="invert"></li>
  </ol>
  <fieldset><div data-slicing="equal"><input type="radio" name="slicing" value="equal" checked></div></fieldset>`;

function form() {
  document.body.innerHTML = FORM;
  return [document.querySelectorAll("li"), document.querySelector("fieldset")];
}

test("a pattern depends on its step and those before it, whatever it is itself", () => {
  const [steps, slicing] = form();
  const wish = {
    steps: [
      { step: "channel", channel: "grey" },
      { step: "remove_fixed", method: "and", pattern: "", images: 0 },
    ],
    slicing: { slicing: "none" },
  };
  expect(JSON.parse(patternWish(steps, steps[1], slicing))).toEqual(wish);
});

test("only steps with a pattern have one", () => {
  const [steps] = form();
  expect([...steps].map(hasPattern)).toEqual([false, true, false]);
});

test("an estimated pattern shows as a picture with the number of images it comes from", () => {
  const [steps] = form();
  writePattern(steps[1], { pattern: "efgh", images: 500 });
  expect(steps[1].querySelector("img").src).toBe("data:image/png;base64,efgh");
  expect(steps[1].querySelector("img").hidden).toBe(false);
  expect(steps[1].querySelector("p").textContent).toBe("From 500 images");
});

test("a sentence takes the place of a pattern that there is not", () => {
  const [steps] = form();
  writePattern(steps[1], { pattern: "", images: 0 }, "There are too few images.");
  expect(steps[1].querySelector("img").hidden).toBe(true);
  expect(steps[1].querySelector("p").textContent).toBe("There are too few images.");
});
