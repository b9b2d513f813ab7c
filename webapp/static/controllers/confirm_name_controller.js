// Enables a destructive button once the name of what it destroys is typed.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

export default class extends Controller {
  static targets = ["typed", "button"];
  static values = { name: String };

  connect() {
    this.check();
  }

  check() {
    this.buttonTarget.disabled = this.typedTarget.value.trim() !== this.nameValue;
  }
}
