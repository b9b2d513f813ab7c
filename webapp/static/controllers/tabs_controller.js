// Keeps the current tab in sight where the tab bar is wider than the screen.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  connect() {
    const current = this.element.querySelector("[aria-current]");
    if (!current) return;
    const start = current.offsetLeft - this.element.offsetLeft;
    this.element.scrollLeft = start - (this.element.clientWidth - current.offsetWidth) / 2;
  }
}
