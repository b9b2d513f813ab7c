// Says that numbers on a page are old once their polling fails: stale numbers look just like fresh ones.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

const ALLOWED_MISSES = 3;

export default class extends Controller {
  static targets = ["notice", "age"];

  connect() {
    this.renew();
    this.timer = setInterval(() => this.draw(), 1000);
  }

  disconnect() {
    clearInterval(this.timer);
  }

  renew() {
    this.renewedAt = Date.now();
    this.draw();
  }

  draw() {
    const seconds = Math.round((Date.now() - this.renewedAt) / 1000);
    // What has ended does not poll any more, so it does not grow old either.
    const every = this.element.querySelector("[data-every]")?.dataset.every;
    const isDue = every !== undefined && seconds >= ALLOWED_MISSES * Number(every) + 3;
    // A hidden page does not poll, see htmx_setup.js.
    this.noticeTarget.hidden = document.hidden || !isDue;
    this.ageTarget.textContent = seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  }
}
