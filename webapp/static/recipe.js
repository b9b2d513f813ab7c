// Reads a recipe from its form: steps in the order of their elements, the chosen slicing, and their parameters.

function parameters(element) {
  const values = {};
  for (const input of element.querySelectorAll("[data-parameter]")) {
    values[input.dataset.parameter] = "number" in input.dataset ? Number(input.value) : input.value;
  }
  return values;
}

export function readRecipe(steps, slicing) {
  const chosen = slicing.querySelector("input[type=radio]:checked");
  return {
    steps: [...steps].map((step) => ({ step: step.dataset.step, ...parameters(step) })),
    slicing: { slicing: chosen.value, ...parameters(chosen.closest("[data-slicing]")) },
  };
}

// Puts values into the inputs of a step or a slicing.
export function writeParameters(element, values) {
  for (const input of element.querySelectorAll("[data-parameter]")) {
    if (input.dataset.parameter in values) input.value = values[input.dataset.parameter];
  }
}

// Whether two recipes say the same, in whatever order their keys were written.
export function sameRecipe(one, other) {
  return canonical(one) === canonical(other);
}

function canonical(value) {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
