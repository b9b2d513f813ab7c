// A <details> that opens a small menu: Escape and a press beside it close it.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  close() {
    if (!this.element.open) return;
    this.element.open = false;
    this.element.querySelector("summary").focus();
  }

  closeOutside({ target }) {
    if (!this.element.contains(target)) this.element.open = false;
  }
}
