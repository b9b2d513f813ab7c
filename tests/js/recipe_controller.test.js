import { afterEach, beforeEach, expect, test, vi } from "vitest";

import RecipeController from "../../webapp/static/controllers/recipe_controller.js";
import { settled, startController } from "./start_controller.js";

const step = (name, inputs = "") => `
  <li data-step="${name}" data-recipe-target="step" data-action="keydown->recipe#key"><h3>${name}</h3>
    ${name === "channel" ? "" : '<button type="button" data-action="recipe#up">up</button><button type="button" data-action="recipe#down">down</button><button type="button" data-action="recipe#remove">remove</button>'}
    ${inputs}</li>`;
const CHANNEL = step("channel", '<select data-parameter="channel"><option>grey<option>red</select>');
const REMOVE_FIXED = step(
  "remove_fixed",
  `<select data-parameter="method"><option selected>and<option>mean</select>
   <input type="hidden" data-parameter="pattern" value=""><input type="hidden" data-parameter="images" data-number value="0">
   <img data-pattern="picture" hidden><p data-pattern="state"></p>
   <button type="button" data-action="recipe#estimateAgain">Estimate again</button>`,
);
const APPLIED = { steps: [{ step: "channel", channel: "grey" }], slicing: { slicing: "equal" } };
const HTML = `
  <form data-controller="recipe" data-recipe-applied-value='${JSON.stringify(APPLIED)}' data-recipe-pattern-url-value="/pattern/" data-action="input->recipe#changed">
    <input type="hidden" data-recipe-target="json"><div id="suggestion"></div>
    <ol data-recipe-target="steps">${CHANNEL}</ol>
    <select data-recipe-target="choice" data-action="change->recipe#add"><option value="">Add<option>invert<option>median<option>remove_fixed</select>
    <template data-recipe-target="template" data-step="invert">${step("invert")}</template>
    <template data-recipe-target="template" data-step="median">${step("median", '<input type="number" data-parameter="size" data-number value="3">')}</template>
    <template data-recipe-target="template" data-step="remove_fixed">${REMOVE_FIXED}</template>
    <p data-recipe-target="announcement"></p>
    <fieldset data-recipe-target="slicing"><div data-slicing="equal"><input type="radio" name="s" value="equal" checked></div>
      <div data-slicing="projection"><input type="radio" name="s" value="projection"><input type="number" data-parameter="min_gap" data-number value="1"></div></fieldset>
    <button data-recipe-target="apply">Apply</button><a data-recipe-target="discard"></a>
    <p data-recipe-target="state"></p>
  </form>`;
let application, element, controller, told;

beforeEach(async () => {
  ({ application, element, controller } = await startController("recipe", RecipeController, HTML));
  told = 0;
  element.addEventListener("recipe:changed", () => told++);
});

afterEach(() => {
  application.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const names = () => controller.stepTargets.map((one) => one.dataset.step);
const json = () => JSON.parse(controller.jsonTarget.value);

async function add(name) {
  controller.choiceTarget.value = name;
  controller.choiceTarget.dispatchEvent(new Event("change"));
  await settled();
}

function press(target, key) {
  target.dispatchEvent(new KeyboardEvent("keydown", { key, altKey: true, bubbles: true, cancelable: true }));
}

test("an added step comes last, is announced and gets the focus", async () => {
  await add("median");
  expect(json().steps).toEqual([{ step: "channel", channel: "grey" }, { step: "median", size: 3 }]);
  expect(controller.announcementTarget.textContent).toBe("median added as step 2.");
  expect(document.activeElement.dataset.parameter).toBe("size");
  expect(told).toBe(1);
});

test("buttons and Alt with the arrows reorder steps, and the focus stays where it was", async () => {
  await add("invert");
  await add("median");
  const up = controller.stepTargets[2].querySelector("button");
  up.click();
  expect(names()).toEqual(["channel", "median", "invert"]);
  expect(document.activeElement).toBe(up);
  press(up, "ArrowDown");
  expect(names()).toEqual(["channel", "invert", "median"]);
});

test("the channel stays the first step", async () => {
  await add("invert");
  controller.stepTargets[1].querySelector("button").click();
  press(controller.stepTargets[0].querySelector("select"), "ArrowDown");
  press(controller.stepTargets[0].querySelector("select"), "Delete");
  expect(names()).toEqual(["channel", "invert"]);
});

test("Alt and Delete remove a step and move the focus to the next one", async () => {
  await add("invert");
  await add("median");
  press(controller.stepTargets[1].querySelector("button"), "Delete");
  expect(names()).toEqual(["channel", "median"]);
  expect(controller.stepTargets[1].contains(document.activeElement)).toBe(true);
});

test("only a recipe that differs from the one in force can be applied", async () => {
  expect(controller.applyTarget.disabled).toBe(true);
  await add("invert");
  expect(controller.applyTarget.disabled).toBe(false);
  expect(controller.stateTarget.textContent).toContain("Not applied yet");
  controller.stepTargets[1].querySelector("[data-action='recipe#remove']").click();
  expect(controller.applyTarget.disabled).toBe(true);
  expect(controller.stateTarget.textContent).toBe("");
});

test("a changed parameter changes the recipe", () => {
  const select = controller.stepTargets[0].querySelector("select");
  select.value = "red";
  select.dispatchEvent(new Event("input", { bubbles: true }));
  expect(json().steps).toEqual([{ step: "channel", channel: "red" }]);
  expect(told).toBe(1);
});

const SUGGESTED = {
  steps: [{ step: "channel", channel: "red" }, { step: "median", size: 5 }],
  slicing: { slicing: "projection", min_gap: 4 },
};

async function suggest(attribute) {
  const offer = `<div data-recipe-target="suggestion" ${attribute}><button data-action="recipe#takeSuggestion">Fill</button></div>`;
  document.querySelector("#suggestion").innerHTML = offer;
  document.querySelector("#suggestion > div").dataset.recipe = JSON.stringify(SUGGESTED);
  await settled();
}

test("a suggestion that was asked for fills the form in", async () => {
  await add("invert");
  await suggest("data-fill");
  expect(json()).toEqual(SUGGESTED);
  expect(controller.applyTarget.disabled).toBe(false);
});

test("an offered suggestion changes nothing until it is taken", async () => {
  await suggest("");
  expect(json()).toEqual(APPLIED);
  document.querySelector("#suggestion button").click();
  expect(json()).toEqual(SUGGESTED);
});

function answerPatterns(status, body) {
  vi.useFakeTimers();
  const fetch = vi.fn().mockResolvedValue({ ok: status < 400, status, json: async () => body, url: "http://x/" });
  vi.stubGlobal("fetch", fetch);
  return fetch;
}

function addRemoveFixed() {
  controller.choiceTarget.value = "remove_fixed";
  controller.add();
  return vi.advanceTimersByTimeAsync(1000);
}

const wish = (fetch, call = 0) => JSON.parse(fetch.mock.calls[call][1].body);

test("the pattern of an added step is estimated on the server", async () => {
  const fetch = answerPatterns(200, { pattern: "abcd", images: 60 });
  await addRemoveFixed();
  expect(wish(fetch).steps[1]).toEqual({ step: "remove_fixed", method: "and", pattern: "", images: 0 });
  expect(json().steps[1]).toEqual({ step: "remove_fixed", method: "and", pattern: "abcd", images: 60 });
  expect(fetch).toHaveBeenCalledTimes(1);
});

test("a pattern is estimated anew when a step before it changes, but not when one after it does", async () => {
  const fetch = answerPatterns(200, { pattern: "abcd", images: 60 });
  await addRemoveFixed();
  controller.choiceTarget.value = "median";
  controller.add();
  await vi.advanceTimersByTimeAsync(1000);
  expect(fetch).toHaveBeenCalledTimes(1);
  const channel = controller.stepTargets[0].querySelector("select");
  channel.value = "red";
  channel.dispatchEvent(new Event("input", { bubbles: true }));
  expect(json().steps[1].pattern).toBe("");
  await vi.advanceTimersByTimeAsync(1000);
  expect(wish(fetch, 1).steps[0].channel).toBe("red");
  expect(json().steps[1].pattern).toBe("abcd");
});

test("a pattern that cannot be estimated says why", async () => {
  answerPatterns(400, { error: "There are too few images." });
  await addRemoveFixed();
  expect(controller.stepTargets[1].querySelector("p").textContent).toBe("There are too few images.");
  expect(json().steps[1].pattern).toBe("");
});

test("a pattern can be estimated again", async () => {
  const fetch = answerPatterns(200, { pattern: "abcd", images: 60 });
  await addRemoveFixed();
  controller.stepTargets[1].querySelector("[data-action='recipe#estimateAgain']").click();
  await vi.advanceTimersByTimeAsync(1000);
  expect(fetch).toHaveBeenCalledTimes(2);
});
