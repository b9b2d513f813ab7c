// The pattern of a step that removes what all images share. It is estimated on the server, and fits the steps before
// it only: `patternWish` says what it depends on.
import { readRecipe } from "./recipe.js";

const field = (step, name) => step.querySelector(`[data-parameter="${name}"]`);

export function hasPattern(step) {
  return field(step, "pattern") !== null;
}

// The recipe up to this step, whose own pattern is left out, as JSON.
export function patternWish(steps, step, slicing) {
  const { steps: before } = readRecipe([...steps].slice(0, [...steps].indexOf(step) + 1), slicing);
  Object.assign(before.at(-1), { pattern: "", images: 0 });
  return JSON.stringify({ steps: before, slicing: { slicing: "none" } });
}

export function writePattern(step, { pattern, images }, sentence = `From ${images} images`) {
  field(step, "pattern").value = pattern;
  field(step, "images").value = images;
  step.querySelector("[data-pattern=state]").textContent = sentence;
  const picture = step.querySelector("[data-pattern=picture]");
  picture.hidden = !pattern;
  if (pattern) picture.src = `data:image/png;base64,${pattern}`;
}
