// The cards of readings: the keyboard moves from card to card, Enter saves and goes on; what else a character could be
// is chosen by a press or by Alt and the arrows; what is shown can be confirmed all at once.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { plural } from "../words.js";

export default class extends Controller {
  static targets = ["card", "confirm"];

  cardTargetConnected() {
    this.countUnchecked();
  }

  cardTargetDisconnected() {
    this.countUnchecked();
  }

  key(event) {
    const field = event.target.closest("input[name=text]");
    if (!field || event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    if (event.altKey) tryOther(field, by);
    else this.focusBeside(field, by);
  }

  choose({ currentTarget }) {
    const field = fieldOf(currentTarget.closest("article"));
    put(field, Number(currentTarget.dataset.place) - 1, currentTarget.dataset.text);
    field.focus();
  }

  // Saving goes on to the next card at once; a refusal shows in the card and stays there to be seen.
  saved(event) {
    const field = event.target.querySelector("input[name=text]");
    if (!field || this.isConfirming) return;
    if (!this.focusBeside(field, 1)) this.element.querySelector("a[rel=next]")?.focus();
  }

  confirmAll() {
    this.isConfirming = true;
    for (const card of this.confirmable) card.querySelector("form").requestSubmit();
    this.isConfirming = false;
  }

  countUnchecked() {
    if (!this.hasConfirmTarget) return;
    const { length } = this.confirmable;
    this.confirmTarget.hidden = length === 0;
    this.confirmTarget.textContent = `Confirm ${plural(length, "reading")} as shown`;
  }

  focusBeside(field, by) {
    const fields = this.cardTargets.map(fieldOf).filter(Boolean);
    const next = fields[fields.indexOf(field) + by];
    next?.focus();
    next?.select();
    return next;
  }

  // A stranger's text means nothing: whoever wants it as a label says so on its own card.
  get confirmable() {
    return this.cardTargets.filter(({ dataset }) => !("checked" in dataset || "stranger" in dataset)).filter(fieldOf);
  }
}

function fieldOf(card) {
  return card.querySelector("input[name=text]");
}

// Puts what the character at the cursor could be besides in its place; with all selected, that of the first doubt.
function tryOther(field, by) {
  const choices = (field.dataset.choices ?? "").split(" ").map((some) => [...some]);
  const text = [...field.value];
  const isAll = field.selectionStart === 0 && field.selectionEnd === field.value.length;
  const doubt = Number(field.closest("article")?.querySelector("[data-place]")?.dataset.place ?? 1) - 1;
  const place = isAll ? doubt : Math.min(field.selectionStart, text.length - 1);
  const some = choices[place];
  // Positions mean nothing any more where characters were added or taken away.
  if (!some || choices.length !== text.length) return;
  const now = some.indexOf(text[place]);
  put(field, place, some[now < 0 ? 0 : (now + by + some.length) % some.length]);
}

function put(field, place, character) {
  const text = [...field.value];
  if (place >= text.length) return;
  text[place] = character;
  field.value = text.join("");
  const before = text.slice(0, place).join("").length;
  field.setSelectionRange(before, before + character.length);
}
