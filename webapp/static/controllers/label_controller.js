// The flow of the Label page: shows an image, takes its text from the keyboard, and goes on. Saving is the outbox's
// business (labelling/save_queue.js), having the next image ready is the prefetch's (labelling/prefetch.js).
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { count, duration, plural } from "../words.js";
import { postJson, requestJson, toast } from "../http.js";
import { Pace } from "../labelling/pace.js";
import { pageId } from "../labelling/page_id.js";
import { Prefetch, decodePicture } from "../labelling/prefetch.js";
import { SaveQueue } from "../labelling/save_queue.js";
import { TextRules } from "../labelling/text_rules.js";
import { randomUuid } from "../labelling/uuid.js";

const KEPT_RECENT = 12;

export default class extends Controller {
  static targets = [
    "stage", "input", "cell", "field", "message", "recent", "recentTemplate", "skipMenu",
    "saved", "done", "left", "pace", "bar", "work", "end", "endDone", "endOthers", "endFailed", "endReason",
  ];
  static values = { config: Object, batchUrl: String, annotateUrl: String, skipUrl: String, undoUrl: String };

  connect() {
    const { outbox, done, left, overlap, recent } = this.configValue;
    this.rules = new TextRules(this.configValue);
    this.pace = new Pace();
    this.recent = recent;
    this.current = null;
    this.page = pageId(sessionStorage);
    this.outbox = new SaveQueue({
      storage: localStorage,
      prefix: outbox,
      send: (operation) => this.send(operation),
      onChange: (state, size) => this.drawSaved(state, size),
      onSent: (operation, answer) => this.takeAnswer(operation, answer),
      onRefused: (operation, message) => this.takeRefusal(operation, message),
    });
    this.prefetch = new Prefetch({
      fetchBatch: (excluded) => requestJson(`${this.batchUrlValue}?page=${this.page}&exclude=${excluded.join(",")}`),
      decode: decodePicture,
      held: () => this.outbox.imageIds,
      onBatch: (batch) => this.takeCounts(batch),
    });
    this.counts = { done, left };
    // With several readers of each image, only the server knows which are done.
    this.countsItself = overlap === 1;
    this.count(new Set(this.outbox.imageIds).size);
    this.drawSaved("saved", 0);
    this.drawRecent();
    this.outbox.flush();
    this.advance();
  }

  disconnect() {
    this.outbox.stop();
  }

  // --- Flow ---

  async advance() {
    this.current = null;
    this.closeSkipMenu();
    let item;
    try {
      item = await this.prefetch.next();
    } catch (error) {
      this.showEnd(this.endFailedTarget);
      this.endReasonTarget.textContent = error.status ? error.message : "The server cannot be reached.";
      return;
    }
    if (item) this.show(item);
    else this.showEnd(this.counts.left > 0 ? this.endOthersTarget : this.endDoneTarget);
  }

  show(item) {
    this.current = item;
    this.endTarget.hidden = true;
    this.workTarget.hidden = false;
    item.picture.style.setProperty("--ratio", item.width / item.height);
    this.stageTarget.replaceChildren(item.picture);
    this.inputTarget.value = item.revises?.text ?? "";
    this.say(this.instruction);
    this.drawCells();
    this.drawRecent();
    this.inputTarget.focus();
    this.shownAt = performance.now();
  }

  showEnd(reason) {
    this.workTarget.hidden = true;
    this.endTarget.hidden = false;
    for (const one of [this.endDoneTarget, this.endOthersTarget, this.endFailedTarget]) one.hidden = one !== reason;
    this.endTarget.focus();
  }

  again() {
    this.prefetch.isEmpty = false;
    this.advance();
  }

  commit(text, { confirmed = false } = {}) {
    const { revises } = this.current;
    if (revises && revises.text === text) this.advance();
    else this.keep({ kind: "annotate", text, suggested: this.suggestion, confirmed }, { text, reason: "" });
  }

  // What a model reads in the current image, where it is shown: an earlier image shows its text instead.
  get suggestion() {
    const { suggestion, revises } = this.current ?? {};
    return suggestion && !revises && this.rules.isComplete(suggestion) ? suggestion : "";
  }

  // The suggestion, as long as nothing else is typed.
  get ghost() {
    return this.suggestion.startsWith(this.inputTarget.value) ? this.suggestion : "";
  }

  get instruction() {
    if (this.current?.revises) return "An earlier image: type over its text, or press Enter to keep it.";
    if (!this.ghost) return "";
    const sure = Math.floor(100 * (this.current.confidence ?? 0));
    return `Suggested: ${this.ghost}, ${sure} % sure. Tab or Enter accepts it, typing replaces it.`;
  }

  skip({ params: { reason } }) {
    if (this.current) this.keep({ kind: "skip", reason }, { text: "", reason });
  }

  // Saves what was said about the current image, and goes on without waiting for the answer.
  keep(operation, said) {
    const { id, url, width, height, name, suggestion, confidence, revises } = this.current;
    const key = randomUuid();
    const milliseconds = Math.round(performance.now() - this.shownAt);
    this.outbox.add({ ...operation, key, image: id, milliseconds, revises: Boolean(revises) });
    if (revises) this.outbox.undo(revises.key);
    else this.count(1);
    const image = { id, url, width, height, name, suggestion, confidence };
    this.recent = [{ key, image, ...said }, ...this.recent.filter((entry) => entry.image.id !== id)].slice(0, KEPT_RECENT);
    this.pace.tick(performance.now());
    this.drawCounts();
    this.current = null;
    this.inputTarget.value = "";
    this.drawCells();
    this.advance();
  }

  // Shows an earlier image again with its text, to be changed; what is shown now comes after it.
  back() {
    const place = this.recent.findIndex((entry) => entry.key === this.current?.revises?.key);
    const entry = this.recent[place + 1];
    if (!entry) return this.refuse("There is nothing before this image.");
    this.setAside();
    this.prefetch.putBack({ ...entry.image, revises: entry });
    this.advance();
  }

  undoLast() {
    if (this.recent.length) this.undo(this.recent[0]);
    else this.refuse("There is nothing to undo.");
  }

  undoOne({ params: { key } }) {
    const entry = this.recent.find((one) => one.key === key);
    if (entry) this.undo(entry);
  }

  // Takes back what was said about an image; it is the next one to be typed.
  undo(entry) {
    this.outbox.undo(entry.key);
    this.recent = this.recent.filter((one) => one !== entry);
    this.count(-1);
    if (this.current?.id !== entry.image.id) this.setAside();
    this.prefetch.putBack(entry.image);
    this.advance();
  }

  // Something else became of a text than its being saved, as when others were quicker. A revision is known to replace.
  takeAnswer({ revises }, answer) {
    if (answer?.message && !(revises && answer.outcome === "replaced")) toast(answer.message);
  }

  // The server did not want a text: its image comes back to be typed again, unless it is deleted.
  takeRefusal({ key, image, kind }, message) {
    toast(`Not ${kind === "undo" ? "undone" : "saved"}: ${message}`, "error");
    const entry = this.recent.find((one) => one.key === key);
    if (kind === "undo" || !entry) return;
    this.recent = this.recent.filter((one) => one !== entry);
    this.prefetch.forget(image);
    this.prefetch.isEmpty = false;
    this.count(-1);
    this.drawRecent();
  }

  setAside() {
    if (this.current && !this.current.revises) this.prefetch.putBack(this.current);
  }

  send({ kind, ...operation }) {
    const url = { annotate: this.annotateUrlValue, skip: this.skipUrlValue, undo: this.undoUrlValue }[kind];
    return postJson(url, { ...operation, page: this.page }, { keepalive: true });
  }

  reconnect() {
    this.outbox.retryNow();
    if (!this.endTarget.hidden && !this.endFailedTarget.hidden) this.again();
  }

  // --- Keyboard ---

  // A full text is typed over: at the cursor, or anew where the cursor is at its end.
  beforeInput(event) {
    const { value, selectionStart, selectionEnd } = this.inputTarget;
    if (event.inputType !== "insertText" || selectionStart !== selectionEnd) return;
    if (!this.rules.isFixed || [...value].length < this.rules.maxLength) return;
    if (selectionStart < value.length) this.inputTarget.setSelectionRange(selectionStart, selectionStart + 1);
    else this.inputTarget.setSelectionRange(0, value.length);
  }

  typed(event) {
    if (event.isComposing) return;
    const { value, selectionStart } = this.inputTarget;
    const { text, refused, tooLong } = this.rules.fit(value);
    if (text !== value) {
      const cursor = this.rules.fit(value.slice(0, selectionStart)).text.length;
      this.inputTarget.value = text;
      this.inputTarget.setSelectionRange(cursor, cursor);
    }
    this.drawCells();
    if (refused.length) this.refuse(`${shown(refused[0])} is not in the alphabet.`);
    else if (tooLong) this.refuse(`The longest text has ${this.rules.maxLength} characters.`);
    else this.say(this.instruction);
    if (this.current && !refused.length && this.rules.commitsByItself(text)) this.commit(text);
  }

  key(event) {
    if (event.isComposing || !this.current) return;
    if (this.isSkipping && /^[1-9]$/.test(event.key)) {
      event.preventDefault();
      this.skipMenuTarget.querySelectorAll("button")[Number(event.key) - 1]?.click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (this.isSkipping) this.closeSkipMenu();
      else this.openSkipMenu();
    } else if (event.key === "Tab" && !event.shiftKey && this.ghost) {
      event.preventDefault();
      this.commit(this.ghost, { confirmed: true });
    } else if (event.key === "Enter") {
      event.preventDefault();
      const { value } = this.inputTarget;
      if (!value && this.ghost) this.commit(this.ghost, { confirmed: true });
      else if (this.rules.isComplete(value)) this.commit(value);
      else this.refuse(this.rules.missing(value));
    } else if (event.key === "Backspace" && isAtStart(this.inputTarget)) {
      event.preventDefault();
      this.back();
    }
  }

  // Wherever the focus is: Ctrl+Z undoes, and a character that nothing else wants goes to the input.
  keyAnywhere(event) {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undoLast();
    } else if (event.target === document.body && event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
      this.inputTarget.focus();
    }
  }

  get isSkipping() {
    return !this.skipMenuTarget.hidden;
  }

  toggleSkipMenu() {
    if (this.isSkipping) this.closeSkipMenu();
    else this.openSkipMenu();
    this.inputTarget.focus();
  }

  openSkipMenu() {
    this.skipMenuTarget.hidden = false;
    this.say("Why has this image no text? Press the reason's number, or Esc to go on typing.");
  }

  closeSkipMenu() {
    if (this.isSkipping) this.say("");
    this.skipMenuTarget.hidden = true;
  }

  // --- Drawing ---

  refuse(message) {
    this.say(message, true);
    this.fieldTarget.classList.remove("label-field-refused");
    // Reading a layout value lets the animation start anew.
    void this.fieldTarget.offsetWidth;
    this.fieldTarget.classList.add("label-field-refused");
  }

  say(message, isRefusal = false) {
    this.messageTarget.textContent = message;
    this.messageTarget.classList.toggle("label-message-refusal", isRefusal);
  }

  drawCells() {
    const { value, selectionStart } = this.inputTarget;
    const characters = [...value];
    const suggested = [...this.ghost];
    const cursor = [...value.slice(0, selectionStart ?? value.length)].length;
    this.inputTarget.placeholder = this.ghost;
    this.cellTargets.forEach((cell, index) => {
      cell.textContent = characters[index] ?? suggested[index] ?? "";
      cell.classList.toggle("cell-filled", index < characters.length);
      cell.classList.toggle("cell-ghost", index >= characters.length && index < suggested.length);
      cell.classList.toggle("cell-cursor", index === cursor);
    });
  }

  drawRecent() {
    this.recentTarget.replaceChildren(...this.recent.map((entry) => this.recentItem(entry)));
    this.recentTarget.parentElement.hidden = this.recent.length === 0;
  }

  recentItem(entry) {
    const item = this.recentTemplateTarget.content.firstElementChild.cloneNode(true);
    const reason = this.configValue.skipReasons.find(({ value }) => value === entry.reason);
    item.classList.toggle("recent-current", this.current?.revises?.key === entry.key);
    const picture = item.querySelector("img");
    picture.src = entry.image.url;
    const text = item.querySelector(".label-text");
    text.textContent = reason ? reason.title : entry.text;
    text.classList.toggle("recent-skipped", Boolean(reason));
    const undo = item.querySelector("button");
    undo.dataset.labelKeyParam = entry.key;
    undo.setAttribute("aria-label", `Undo ${reason ? "skipping" : entry.text}`);
    return item;
  }

  count(by) {
    if (this.countsItself) this.counts = { done: this.counts.done + by, left: Math.max(0, this.counts.left - by) };
    this.drawCounts();
  }

  takeCounts({ done, left }) {
    // With saves under way the server's numbers are behind this page's own.
    if (this.outbox.size) return;
    this.counts = { done, left };
    this.drawCounts();
  }

  drawCounts() {
    const { done, left } = this.counts;
    this.doneTarget.textContent = count(done);
    this.leftTarget.textContent = count(left);
    this.barTarget.max = Math.max(1, done + left);
    this.barTarget.value = done;
    const { perMinute } = this.pace;
    const rest = left ? `, about ${duration(this.pace.secondsFor(left))} to go` : "";
    this.paceTarget.textContent = perMinute === null ? "" : `${Math.round(perMinute)} a minute${rest}`;
  }

  drawSaved(state, size) {
    this.savedTarget.dataset.state = state;
    this.savedTarget.textContent = {
      saved: "All saved",
      saving: size > 1 ? `Saving ${size}…` : "Saving…",
      offline: `Server out of reach: ${plural(size, "text")} kept in this browser`,
      "signed-out": `Reload the page and sign in: ${plural(size, "text")} kept in this browser`,
    }[state];
  }
}

function isAtStart({ selectionStart, selectionEnd }) {
  return selectionStart === 0 && selectionEnd === 0;
}

function shown(character) {
  return /\s/.test(character) ? "A space" : `“${character}”`;
}
