// Copies a text that the page shows. Where the browser offers no clipboard (a site without TLS on another machine), it
// selects the text, so that the keyboard can copy it.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { toast } from "../http.js";

const SHOWN_MILLISECONDS = 2000;

export default class extends Controller {
  static targets = ["source", "label"];

  disconnect() {
    clearTimeout(this.timer);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.sourceTarget.textContent.trim());
    } catch {
      this.select();
      toast("This browser lets nobody copy here. The text is selected: press Ctrl+C, or Cmd+C.");
      return;
    }
    this.say("Copied");
  }

  select() {
    const range = document.createRange();
    range.selectNodeContents(this.sourceTarget);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }

  say(word) {
    this.before ??= this.labelTarget.textContent;
    this.labelTarget.textContent = word;
    toast("Copied.", "success");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.labelTarget.textContent = this.before;
    }, SHOWN_MILLISECONDS);
  }
}
