// Takes images by drop, picker or paste. A few are read at once and their cards added; many, a folder or an archive
// become a batch, which workers read and which has a page of its own. What could not be sent stays in line.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { postForm } from "../http.js";
import { postFiles } from "../reading/post_files.js";
import { makeBatches } from "../uploads/batches.js";
import { fromDrop, fromInput, isLitter } from "../uploads/chosen_files.js";
import { postFiles as uploadFiles } from "../uploads/post_files.js";
import { Sender } from "../uploads/sender.js";
import { duration, fileSize, plural } from "../words.js";

const ARCHIVE = /\.(zip|tar|tgz|tbz2|txz|tar\.(gz|bz2|xz))$/i;

export default class extends Controller {
  static targets = ["drop", "input", "progress", "count", "rate", "bar", "problem", "problemText", "tools", "cards"];
  static values = { url: String, batch: Number, atOnce: Number, createUrl: String };

  connect() {
    this.waiting = [];
    this.total = 0;
    this.isBusy = false;
    // A batch on its way to the server: its addresses, once it is opened, and what sends its files.
    this.opened = null;
    this.sender = null;
  }

  over(event) {
    event.preventDefault();
    this.dropTarget.classList.add("read-drop-over");
  }

  leave() {
    this.dropTarget.classList.remove("read-drop-over");
  }

  async dropped(event) {
    event.preventDefault();
    this.leave();
    try {
      this.take(await fromDrop(event.dataTransfer));
    } catch (error) {
      this.fail(`The dropped files could not be read (${error.message}). Use “Choose images” instead.`);
    }
  }

  picked({ target }) {
    this.take(fromInput(target.files));
    target.value = "";
  }

  paste(event) {
    const { files } = event.clipboardData;
    if (files.length) event.preventDefault();
    this.take(fromInput(files));
  }

  take(items) {
    const wanted = items.filter(({ name }) => !isLitter(name));
    if (!wanted.length) return;
    if (this.sender) {
      this.fail("A batch is being sent. Drop these when it is through, or in another tab.");
      return;
    }
    const isMany = this.waiting.length + wanted.length > this.atOnceValue;
    this.waiting.push(...wanted);
    if (isMany || wanted.some(({ name }) => ARCHIVE.test(name))) {
      // Also what waited to be read at once, but for what is being read right now.
      const items = this.isBusy ? this.waiting.splice(this.batchValue) : this.waiting.splice(0);
      this.total = this.waiting.length;
      this.sender = new Sender(makeBatches(items), (files, options) => uploadFiles(this.opened.upload_url, files, options), {
        onChange: () => this.drawSending(),
      });
      if (!this.isBusy) this.resume();
    } else {
      this.total += wanted.length;
      this.resume();
    }
  }

  async resume() {
    if (this.isBusy) return;
    this.isBusy = true;
    this.problemTarget.hidden = true;
    this.progressTarget.hidden = false;
    try {
      if (this.waiting.length) await this.readAll();
      if (this.sender) await this.sendBatch();
    } catch (error) {
      const said = error instanceof TypeError ? "The server cannot be reached." : error.message;
      const left = this.waiting.length || this.sender?.waiting.flatMap(({ batch }) => batch).length;
      this.fail(left ? `${said} ${plural(left, "file")} still to send.` : said);
    } finally {
      this.isBusy = false;
      this.progressTarget.hidden = true;
    }
  }

  // A few images

  async readAll() {
    const started = performance.now();
    const before = this.total - this.waiting.length;
    while (this.waiting.length) {
      this.drawReading(started, before);
      const items = this.waiting.slice(0, this.batchValue);
      const cards = await postFiles(this.urlValue, items.map(({ file }) => file));
      this.waiting.splice(0, items.length);
      this.cardsTarget.insertAdjacentHTML("afterbegin", cards);
      // htmx looks only at what it put there itself.
      window.htmx?.process(this.cardsTarget);
      this.toolsTarget.hidden = false;
    }
    this.total = 0;
  }

  drawReading(started, before) {
    const done = this.total - this.waiting.length;
    const perImage = (performance.now() - started) / 1000 / Math.max(1, done - before);
    this.countTarget.textContent = `Reading: ${done} of ${plural(this.total, "image")}`;
    this.rateTarget.textContent = done > before ? `about ${duration(perImage * this.waiting.length)} left` : "";
    this.barTarget.max = this.total;
    this.barTarget.value = done;
  }

  // Many

  async sendBatch() {
    this.drawSending();
    this.opened ??= await postForm(this.createUrlValue, new FormData());
    await this.sender.run();
    const { url } = await postForm(this.opened.start_url, new FormData());
    this.sender = this.opened = null;
    this.leaveFor(url);
  }

  leaveFor(url) {
    window.location.assign(url);
  }

  drawSending() {
    const { sender } = this;
    const sent = `${fileSize(sender.sentBytes)} of ${fileSize(sender.bytes)}, ${sender.doneFiles.toLocaleString("en")} of ${plural(sender.files, "file")} sent`;
    this.countTarget.textContent = sender.retrying ? `${sender.retrying} Trying again…` : sent;
    this.rateTarget.textContent = sender.rate ? `${fileSize(sender.rate)}/s, about ${duration(sender.secondsLeft)} left` : "";
    this.barTarget.max = 100;
    this.barTarget.value = 100 * sender.share;
  }

  fail(sentence) {
    this.problemTextTarget.textContent = sentence;
    this.problemTarget.hidden = false;
  }

  // Leaving the page would cut the upload off.
  guard(event) {
    if (this.isBusy && this.sender) event.preventDefault();
  }
}
