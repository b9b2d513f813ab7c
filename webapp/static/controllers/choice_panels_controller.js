// Shows the panel that belongs to the chosen radio button, and only that.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  static targets = ["choice", "panel"];

  connect() {
    this.draw();
  }

  draw() {
    const chosen = this.choiceTargets.find((choice) => choice.checked)?.value;
    for (const panel of this.panelTargets) panel.hidden = panel.dataset.choice !== chosen;
  }
}
