// The cards of the Read page: the keyboard moves from card to card, Enter saves and goes on, and a filter leaves only
// those that the model was unsure of.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  static targets = ["list", "card", "unsureOnly", "unsureCount", "noneUnsure"];

  cardTargetConnected() {
    this.filter();
  }

  cardTargetDisconnected() {
    this.filter();
  }

  filter() {
    const unsure = this.cardTargets.filter((card) => card.dataset.sure === "false");
    const only = this.unsureOnlyTarget.checked;
    this.unsureCountTarget.textContent = `${unsure.length} of ${this.cardTargets.length}`;
    this.listTarget.classList.toggle("readings-unsure-only", only);
    this.noneUnsureTarget.hidden = !only || unsure.length > 0;
  }

  key(event) {
    const field = event.target.closest("input[name=text]");
    if (!field || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    this.focusBeside(field, by);
  }

  // Saving goes on to the next card at once; a refusal shows in the card and stays there to be seen.
  saved(event) {
    const field = event.target.querySelector("input[name=text]");
    if (field) this.focusBeside(field, 1);
  }

  focusBeside(field, by) {
    const fields = this.visibleFields;
    const next = fields[fields.indexOf(field) + by];
    next?.focus();
    next?.select();
  }

  get visibleFields() {
    const only = this.unsureOnlyTarget.checked;
    return this.cardTargets
      .filter((card) => !only || card.dataset.sure === "false")
      .map((card) => card.querySelector("input[name=text]"))
      .filter(Boolean);
  }
}
