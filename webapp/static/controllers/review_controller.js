// The flow of the Review page: shows an image with what is said about it, takes the decision from one key, and goes on.
// Saving is the outbox's business (labelling/save_queue.js), having the next image ready is the prefetch's
// (labelling/prefetch.js).
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { count, plural } from "../words.js";
import { postJson, requestJson, toast } from "../http.js";
import { Prefetch, decodePicture } from "../labelling/prefetch.js";
import { SaveQueue } from "../labelling/save_queue.js";
import { TextRules } from "../labelling/text_rules.js";
import { randomUuid } from "../labelling/uuid.js";
import { differingPlaces } from "../reviewing/differences.js";

const KEPT_RECENT = 12;
const QUESTIONS = {
  dispute: "People read this differently. Which one is right?",
  doubt: "A reader that never learnt this label reads another text. Which one is right?",
};

export default class extends Controller {
  static targets = [
    "work", "stage", "question", "choices", "choiceTemplate", "input", "message", "left", "saved",
    "recent", "recentTemplate", "end", "endDone", "endFailed", "endReason",
  ];
  static values = { config: Object, batchUrl: String, settleUrl: String, undoUrl: String };

  connect() {
    const { outbox, left, recent } = this.configValue;
    this.rules = new TextRules(this.configValue);
    this.recent = recent;
    this.current = null;
    this.outbox = new SaveQueue({
      storage: localStorage,
      prefix: outbox,
      send: (operation) => this.send(operation),
      onChange: (state, size) => this.drawSaved(state, size),
      onRefused: (operation, message) => this.takeRefusal(operation, message),
    });
    this.prefetch = new Prefetch({
      fetchBatch: (excluded) => requestJson(`${this.batchUrlValue}?exclude=${excluded.join(",")}`),
      decode: decodePicture,
      held: () => this.outbox.imageIds,
      onBatch: (batch) => this.takeCount(batch),
    });
    this.left = Math.max(0, left - new Set(this.outbox.imageIds).size);
    this.drawSaved("saved", 0);
    this.drawRecent();
    this.drawLeft();
    this.outbox.flush();
    this.advance();
  }

  disconnect() {
    this.outbox.stop();
  }

  // --- Flow ---

  async advance() {
    this.current = null;
    let item;
    try {
      item = await this.prefetch.next();
    } catch (error) {
      this.endReasonTarget.textContent = error.status ? error.message : "The server cannot be reached.";
      this.showEnd(this.endFailedTarget);
      return;
    }
    if (item) this.show(item);
    else this.showEnd(this.endDoneTarget);
  }

  show(item) {
    this.current = item;
    this.endTarget.hidden = true;
    this.workTarget.hidden = false;
    item.picture.alt = `The image ${item.name}`;
    item.picture.style.setProperty("--ratio", item.width / item.height);
    this.stageTarget.replaceChildren(item.picture);
    this.questionTarget.textContent = QUESTIONS[item.kind];
    const places = differingPlaces(item.choices.map(({ text }) => text));
    this.choicesTarget.replaceChildren(...item.choices.map((choice, index) => this.choiceItem(choice, index, places)));
    this.stopTyping();
    this.shownAt = performance.now();
  }

  showEnd(reason) {
    this.workTarget.hidden = true;
    this.endTarget.hidden = false;
    for (const one of [this.endDoneTarget, this.endFailedTarget]) one.hidden = one !== reason;
    this.endTarget.focus();
  }

  again() {
    this.prefetch.isEmpty = false;
    this.advance();
  }

  choose({ params: { index } }) {
    const { text, reason } = this.current?.choices[index] ?? {};
    if (text) this.settle({ text });
    else if (reason) this.settle({ reason });
  }

  skip() {
    if (this.current) this.settle({ reason: this.configValue.unreadable });
  }

  // Leaves the image to somebody else; it comes back with the next visit.
  later() {
    if (this.current) this.advance();
  }

  // Saves a decision about the current image, and goes on without waiting for the answer.
  settle(said) {
    const { picture, ...image } = this.current;
    const key = randomUuid();
    const milliseconds = Math.round(performance.now() - this.shownAt);
    this.outbox.add({ kind: "settle", key, image: image.id, milliseconds, ...said });
    this.recent = [{ key, image, text: "", reason: "", ...said }, ...this.recent].slice(0, KEPT_RECENT);
    this.countLeft(-1);
    this.drawRecent();
    this.advance();
  }

  undoLast() {
    if (this.recent.length) this.undo(this.recent[0]);
    else this.say("There is nothing to undo.", true);
  }

  undoOne({ params: { key } }) {
    const entry = this.recent.find((one) => one.key === key);
    if (entry) this.undo(entry);
  }

  // Takes back a decision; its image is the next one.
  async undo(entry) {
    this.recent = this.recent.filter((one) => one !== entry);
    this.drawRecent();
    let image = entry.image;
    if (image.choices) this.outbox.undo(entry.key);
    else {
      // Settled before this visit: only the server knows what was said about it.
      try {
        ({ image } = await postJson(this.undoUrlValue, { key: entry.key }));
      } catch (error) {
        toast(`Not undone: ${error.status ? error.message : "the server cannot be reached."}`, "error");
        return;
      }
      if (!image) return;
    }
    this.countLeft(1);
    if (this.current) this.prefetch.putBack(this.current);
    this.prefetch.putBack(image);
    this.advance();
  }

  // Somebody else was quicker, or the image is gone. What is still in review comes again.
  takeRefusal({ key, image, kind }, message) {
    toast(message, kind === "undo" ? "error" : "info");
    this.recent = this.recent.filter((one) => one.key !== key);
    this.prefetch.forget(image);
    this.prefetch.isEmpty = false;
    this.drawRecent();
  }

  send({ kind, ...operation }) {
    return postJson(kind === "undo" ? this.undoUrlValue : this.settleUrlValue, operation, { keepalive: true });
  }

  reconnect() {
    this.outbox.retryNow();
    if (!this.endTarget.hidden && !this.endFailedTarget.hidden) this.again();
  }

  // --- Keyboard ---

  // While nothing is typed, one key decides; a character that is no such key begins another text.
  keyAnywhere(event) {
    if (event.isComposing || event.altKey) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undoLast();
    } else if (event.ctrlKey || event.metaKey || !this.current || event.target === this.inputTarget) {
      return;
    } else if (/^[1-9]$/.test(event.key) && Number(event.key) <= this.current.choices.length) {
      event.preventDefault();
      this.choose({ params: { index: Number(event.key) - 1 } });
    } else if (event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.skip();
    } else if (event.key === "ArrowRight") {
      event.preventDefault();
      this.later();
    } else if (event.key === "Enter" && !event.target.closest?.("button, a")) {
      event.preventDefault();
      this.inputTarget.focus();
    } else if (event.key.length === 1 && this.rules.fit(event.key).text) {
      // The key's own character goes into the field that has the focus now.
      this.inputTarget.focus();
    }
  }

  key(event) {
    if (event.isComposing || !this.current) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.stopTyping();
    } else if (event.key === "Enter") {
      event.preventDefault();
      const { value } = this.inputTarget;
      if (this.rules.isComplete(value)) this.settle({ text: value });
      else this.say(this.rules.missing(value), true);
    }
  }

  typed(event) {
    if (event.isComposing) return;
    const { text, refused, tooLong } = this.rules.fit(this.inputTarget.value);
    this.inputTarget.value = text;
    if (refused.length) this.say(`“${refused[0]}” is not in the alphabet.`, true);
    else if (tooLong) this.say(`The longest text has ${this.rules.maxLength} characters.`, true);
    else this.say("");
    if (this.current && !refused.length && this.rules.commitsByItself(text)) this.settle({ text });
  }

  stopTyping() {
    this.inputTarget.value = "";
    this.inputTarget.blur();
    this.say("");
  }

  // --- Drawing ---

  choiceItem({ text, reason, saidBy }, index, places) {
    const item = this.choiceTemplateTarget.content.firstElementChild.cloneNode(true);
    const button = item.querySelector("button");
    button.dataset.reviewIndexParam = index;
    item.querySelector("kbd").textContent = index + 1;
    const shown = item.querySelector(".label-text");
    if (text) shown.append(...[...text].map((character, place) => letter(character, places.has(place))));
    else shown.textContent = this.configValue.skipReasons[reason];
    shown.classList.toggle("review-reason", !text);
    item.querySelector(".review-said-by").textContent = saidBy.join(", ");
    return item;
  }

  drawRecent() {
    this.recentTarget.replaceChildren(...this.recent.map((entry) => this.recentItem(entry)));
    this.recentTarget.parentElement.hidden = this.recent.length === 0;
  }

  recentItem({ key, image, text, reason }) {
    const item = this.recentTemplateTarget.content.firstElementChild.cloneNode(true);
    item.querySelector("img").src = image.url;
    const said = text || this.configValue.skipReasons[reason];
    const shown = item.querySelector(".label-text");
    shown.textContent = said;
    shown.classList.toggle("recent-skipped", !text);
    const undo = item.querySelector("button");
    undo.dataset.reviewKeyParam = key;
    undo.setAttribute("aria-label", `Undo ${said}`);
    return item;
  }

  say(message, isRefusal = false) {
    this.messageTarget.textContent = message;
    this.messageTarget.classList.toggle("label-message-refusal", isRefusal);
  }

  takeCount({ left }) {
    // With decisions under way the server's number is behind this page's own.
    if (this.outbox.size) return;
    this.left = left;
    this.drawLeft();
  }

  countLeft(by) {
    this.left = Math.max(0, this.left + by);
    this.drawLeft();
  }

  drawLeft() {
    this.leftTarget.textContent = count(this.left);
  }

  drawSaved(state, size) {
    this.savedTarget.dataset.state = state;
    this.savedTarget.textContent = {
      saved: "All saved",
      saving: size > 1 ? `Saving ${size}…` : "Saving…",
      offline: `Server out of reach: ${plural(size, "decision")} kept in this browser`,
      "signed-out": `Reload the page and sign in: ${plural(size, "decision")} kept in this browser`,
    }[state];
  }
}

function letter(character, differs) {
  const element = document.createElement(differs ? "mark" : "span");
  element.textContent = character;
  return element;
}
