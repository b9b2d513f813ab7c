// Shows the panels that belong to the chosen radio button, and only those; a panel names its choices, separated by
// spaces. The others are disabled, too: what stands in a field that nobody sees is neither sent nor may it keep the form
// from being sent.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  static targets = ["choice", "panel"];

  connect() {
    this.draw();
  }

  draw() {
    const chosen = this.choiceTargets.find((choice) => choice.checked)?.value;
    for (const panel of this.panelTargets) {
      panel.hidden = !panel.dataset.choice.split(" ").includes(chosen);
      panel.disabled = panel.hidden;
    }
  }

  // A browser cannot point at a field in folded details: it would just not send the form, and not say why.
  unfold({ target }) {
    const details = target.closest("details");
    if (details) details.open = true;
  }
}
