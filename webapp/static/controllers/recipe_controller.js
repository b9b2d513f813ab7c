// The recipe of the Prepare page: adds, removes and reorders steps, takes suggestions over, has patterns estimated, and
// keeps the recipe's JSON up to date. Whatever changes is told with `recipe:changed`, which the preview listens to.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { postJson } from "../http.js";
import { hasPattern, patternWish, writePattern } from "../pattern.js";
import { readRecipe, sameRecipe, writeParameters } from "../recipe.js";

// Nobody wants an estimate for every place that a slider passes.
const PATTERN_DELAY = 300;

export default class extends Controller {
  static targets = ["json", "steps", "step", "template", "choice", "slicing", "announcement", "apply", "discard", "state", "suggestion"];
  static values = { applied: Object, patternUrl: String };

  connect() {
    this.acceptPatterns();
    this.update();
  }

  add() {
    const name = this.choiceTarget.value;
    if (!name) return;
    this.choiceTarget.value = "";
    const step = this.append(name);
    this.announce(step, `added as step ${this.stepTargets.length}`);
    (step.querySelector("[data-parameter]") ?? step.querySelector("button")).focus();
    this.changed();
  }

  append(name) {
    const template = this.templateTargets.find((one) => one.dataset.step === name);
    const step = template.content.firstElementChild.cloneNode(true);
    this.stepsTarget.append(step);
    return step;
  }

  suggestionTargetConnected(suggestion) {
    if ("fill" in suggestion.dataset) this.fill(JSON.parse(suggestion.dataset.recipe));
  }

  takeSuggestion(event) {
    event.target.hidden = true;
    this.fill(JSON.parse(this.suggestionTarget.dataset.recipe));
  }

  fill({ steps: [channel, ...others], slicing }) {
    const [first, ...old] = this.stepTargets;
    for (const step of old) step.remove();
    writeParameters(first, channel);
    for (const values of others) writeParameters(this.append(values.step), values);
    const chosen = this.slicingTarget.querySelector(`[data-slicing="${slicing.slicing}"]`);
    chosen.querySelector("input[type=radio]").checked = true;
    writeParameters(chosen, slicing);
    this.acceptPatterns();
    this.changed();
  }

  up(event) {
    this.move(event.target.closest("li"), -1, event.target);
  }

  down(event) {
    this.move(event.target.closest("li"), 1, event.target);
  }

  remove(event) {
    this.removeStep(event.target.closest("li"));
  }

  key(event) {
    if (!event.altKey) return;
    const step = event.currentTarget;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      this.move(step, event.key === "ArrowUp" ? -1 : 1, event.target);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      this.removeStep(step);
    }
  }

  move(step, by, focused) {
    const steps = this.stepTargets;
    const place = steps.indexOf(step) + by;
    // The channel is the first step of every recipe: it does not move, and nothing moves before it.
    if (place < 1 || place >= steps.length || steps.indexOf(step) === 0) return;
    steps[place][by < 0 ? "before" : "after"](step);
    focused.closest("button, input, select")?.focus();
    this.announce(step, `is now step ${place + 1} of ${steps.length}`);
    this.changed();
  }

  removeStep(step) {
    const steps = this.stepTargets;
    const place = steps.indexOf(step);
    if (place === 0) return;
    this.announce(step, "removed");
    step.remove();
    const next = this.stepTargets[Math.min(place, steps.length - 2)];
    (next.querySelector("button, [data-parameter]") ?? this.choiceTarget).focus();
    this.changed();
  }

  changed() {
    this.refreshPatterns();
    this.update();
    this.dispatch("changed", { prefix: "recipe" });
  }

  // Patterns that are there fit the steps before them.
  acceptPatterns() {
    for (const step of this.stepTargets.filter(hasPattern)) {
      const { pattern, images } = readRecipe([step], this.slicingTarget).steps[0];
      if (pattern) writePattern(step, { pattern, images });
      step.dataset.wish = patternWish(this.stepTargets, step, this.slicingTarget);
    }
  }

  // A pattern is estimated anew whenever the steps before it change.
  refreshPatterns() {
    for (const step of this.stepTargets.filter(hasPattern)) {
      const wish = patternWish(this.stepTargets, step, this.slicingTarget);
      if (wish === step.dataset.wish) continue;
      step.dataset.wish = wish;
      writePattern(step, { pattern: "", images: 0 }, "Being estimated from the images…");
      setTimeout(() => this.estimate(step, wish), PATTERN_DELAY);
    }
  }

  async estimate(step, wish) {
    const isWanted = () => step.isConnected && step.dataset.wish === wish;
    if (!isWanted()) return;
    try {
      const found = await postJson(this.patternUrlValue, JSON.parse(wish));
      if (isWanted()) writePattern(step, found);
    } catch (error) {
      if (isWanted()) writePattern(step, { pattern: "", images: 0 }, error.message);
    }
    this.changed();
  }

  estimateAgain(event) {
    delete event.target.closest("li").dataset.wish;
    this.changed();
  }

  update() {
    for (const slider of this.element.querySelectorAll(".recipe-slider")) {
      slider.querySelector("output").value = Number(slider.querySelector("input").value).toFixed(2);
    }
    const recipe = readRecipe(this.stepTargets, this.slicingTarget);
    this.jsonTarget.value = JSON.stringify(recipe);
    if (!this.hasApplyTarget) return;
    const isApplied = sameRecipe(recipe, this.appliedValue);
    this.applyTarget.disabled = isApplied;
    this.discardTarget.hidden = isApplied;
    this.stateTarget.textContent = isApplied
      ? ""
      : "Not applied yet. Applying makes a new version; a worker then cuts the slices of every image.";
  }

  announce(step, what) {
    this.announcementTarget.textContent = `${step.querySelector("h3").textContent} ${what}.`;
  }
}
