// Says how long a search will take with the workers at hand, while its numbers are typed.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { count, duration } from "../words.js";

export default class extends Controller {
  static targets = ["trials", "minutes", "budget", "estimate"];
  static values = { workers: Number };

  connect() {
    this.draw();
  }

  draw() {
    const trials = this.trialsTarget.valueAsNumber;
    const minutes = this.minutesTarget.valueAsNumber;
    if (!(trials > 0 && minutes > 0)) {
      this.estimateTarget.textContent = "Say how many trials, and how many minutes each may take.";
      return;
    }
    const budget = this.budgetTarget.valueAsNumber;
    const all = budget > 0 ? Math.min(trials * minutes, budget) : trials * minutes;
    this.estimateTarget.textContent = `At most ${duration(60 * all)} of training, ${this.wait(all)} Trials that end early make it shorter.`;
  }

  wait(minutes) {
    const workers = this.workersValue;
    if (workers === 0) return "but no worker trains right now: the search waits until one is there.";
    if (workers === 1) return "one after the other on the one worker at hand.";
    return `which takes ${count(workers)} workers about ${duration((60 * minutes) / workers)}.`;
  }
}
