// Takes images by drop, picker or paste, has them read a few at a time, and adds the cards that come back. What could
// not be sent stays in line, to be tried again.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { duration, plural } from "../words.js";
import { postFiles } from "../reading/post_files.js";

export default class extends Controller {
  static targets = ["drop", "input", "progress", "count", "rate", "bar", "problem", "problemText", "tools", "cards"];
  static values = { url: String, batch: Number };

  connect() {
    this.waiting = [];
    this.total = 0;
    this.isReading = false;
  }

  over(event) {
    event.preventDefault();
    this.dropTarget.classList.add("read-drop-over");
  }

  leave() {
    this.dropTarget.classList.remove("read-drop-over");
  }

  dropped(event) {
    event.preventDefault();
    this.leave();
    this.take(event.dataTransfer.files);
  }

  picked() {
    this.take(this.inputTarget.files);
    this.inputTarget.value = "";
  }

  paste(event) {
    const { files } = event.clipboardData;
    if (files.length) event.preventDefault();
    this.take(files);
  }

  take(files) {
    this.waiting.push(...files);
    this.total += files.length;
    if (files.length) this.resume();
  }

  async resume() {
    if (this.isReading || !this.waiting.length) return;
    this.isReading = true;
    this.problemTarget.hidden = true;
    this.progressTarget.hidden = false;
    const started = performance.now();
    const before = this.total - this.waiting.length;
    try {
      while (this.waiting.length) {
        this.drawProgress(started, before);
        const files = this.waiting.slice(0, this.batchValue);
        const cards = await postFiles(this.urlValue, files);
        this.waiting.splice(0, files.length);
        this.cardsTarget.insertAdjacentHTML("afterbegin", cards);
        // htmx looks only at what it put there itself.
        window.htmx?.process(this.cardsTarget);
        this.toolsTarget.hidden = false;
      }
      this.total = 0;
    } catch (error) {
      this.problemTextTarget.textContent = `${error.message} ${plural(this.waiting.length, "image")} still to read.`;
      this.problemTarget.hidden = false;
    } finally {
      this.isReading = false;
      this.progressTarget.hidden = true;
    }
  }

  drawProgress(started, before) {
    const done = this.total - this.waiting.length;
    const perImage = (performance.now() - started) / 1000 / Math.max(1, done - before);
    this.countTarget.textContent = `Reading: ${done} of ${plural(this.total, "image")}`;
    this.rateTarget.textContent = done > before ? `about ${duration(perImage * this.waiting.length)} left` : "";
    this.barTarget.max = this.total;
    this.barTarget.value = done;
  }
}
