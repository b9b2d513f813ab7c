// The left and right arrow keys follow the links to the previous and the next page.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

const RELATIONS = { ArrowLeft: "prev", ArrowRight: "next" };

export default class extends Controller {
  go(event) {
    const relation = RELATIONS[event.key];
    const busy = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    if (!relation || busy || event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    this.element.querySelector(`a[rel=${relation}]`)?.click();
  }
}
