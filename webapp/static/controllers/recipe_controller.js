// The recipe of the Prepare page: adds, removes and reorders steps, and keeps the recipe's JSON up to date. Whatever
// changes is told with `recipe:changed`, which the preview listens to.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { readRecipe, sameRecipe } from "../recipe.js";

export default class extends Controller {
  static targets = ["json", "steps", "step", "template", "choice", "slicing", "announcement", "apply", "discard", "state"];
  static values = { applied: Object };

  connect() {
    this.update();
  }

  add() {
    const name = this.choiceTarget.value;
    if (!name) return;
    this.choiceTarget.value = "";
    const template = this.templateTargets.find((one) => one.dataset.step === name);
    const step = template.content.firstElementChild.cloneNode(true);
    this.stepsTarget.append(step);
    this.announce(step, `added as step ${this.stepTargets.length}`);
    (step.querySelector("[data-parameter]") ?? step.querySelector("button")).focus();
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
    this.update();
    this.dispatch("changed", { prefix: "recipe" });
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
