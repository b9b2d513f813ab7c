// A contact sheet: the odd ones out are marked and retyped, Enter confirms the rest and brings the next sheet.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { postJson, requestJson } from "../http.js";
import { TextRules } from "../labelling/text_rules.js";
import { randomUuid } from "../labelling/uuid.js";
import { Cell } from "../sheets/cell.js";
import { neighbour } from "../sheets/grid.js";
import { plural } from "../words.js";

const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
// Within a typed text these move the cursor.
const CURSOR_MOVES = ["ArrowLeft", "ArrowRight", "Home", "End"];

export default class extends Controller {
  static targets = ["frame", "sheet", "cell", "character", "retype", "confirm", "confirmText", "undo", "message"];
  static values = { config: Object, cellsUrl: String, confirmUrl: String, undoUrl: String };

  connect() {
    const { of } = this.configValue;
    this.isWhole = of === "images";
    this.rules = new TextRules(this.isWhole ? this.configValue : { ...this.configValue, minLength: 1, maxLength: 1 });
    // Which character each confirmed sheet began with: undoing goes back there.
    this.began = new Map();
    this.begin();
  }

  // --- A sheet ---

  begin() {
    this.cells = this.cellTargets.map((button) => new Cell(button, this.rules, this.retypeTarget));
    this.sheetKey = randomUuid();
    // What is on its way to the server. It is sent again as it is, so nothing can be marked meanwhile.
    this.unsent = null;
    this.isBusy = false;
    this.shownAt = performance.now();
    this.preload(JSON.parse(this.sheetTarget.dataset.upcoming));
    this.current = this.cells[0];
    this.draw();
    this.current?.focus();
    this.say(this.sheetTarget.dataset.news.trim());
  }

  show({ html }) {
    this.frameTarget.innerHTML = html;
    this.begin();
  }

  // The pictures of the sheet after this one, so that it is there at once.
  preload(urls) {
    this.upcoming = urls.map((url) => Object.assign(new Image(), { src: url }));
  }

  get wish() {
    const { of, size } = this.configValue;
    return { of, size, character: this.sheetTarget.dataset.character };
  }

  confirm() {
    if (!this.cells.length || this.isBusy) return;
    const half = this.cells.find((cell) => cell.isHalf);
    if (half) {
      half.focus();
      this.say(this.rules.missing(half.typed), true);
      return;
    }
    this.unsent ??= {
      ...this.wish,
      key: this.sheetKey,
      milliseconds: Math.round(performance.now() - this.shownAt),
      cells: this.cells.map((cell) => cell.answer),
    };
    this.began.set(this.sheetKey, this.wish.character);
    this.ask(postJson(this.confirmUrlValue, this.unsent));
  }

  undo() {
    const key = this.sheetTarget.dataset.undo;
    if (this.isFrozen()) return;
    if (!key) this.say("There is no sheet to undo.", true);
    else this.ask(postJson(this.undoUrlValue, { ...this.wish, key, character: this.began.get(key) ?? this.wish.character }));
  }

  // Begins with another character; a link that is opened in a new tab is the browser's business.
  open(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (this.isFrozen()) return;
    const wish = new URLSearchParams({ ...this.wish, character: event.params.character });
    this.ask(requestJson(`${this.cellsUrlValue}?${wish}`));
  }

  async ask(request) {
    this.isBusy = true;
    this.frameTarget.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await request;
    } catch (error) {
      this.fail(error);
    }
    this.isBusy = false;
    this.frameTarget.removeAttribute("aria-busy");
    if (answer) this.show(answer);
  }

  fail({ status, message }) {
    const isLost = status === undefined || status >= 500;
    const mayWork = isLost || status === 401 || status === 403;
    if (!mayWork) this.unsent = null;
    const what = isLost && status === undefined ? "The server cannot be reached." : message;
    this.say(this.unsent ? `${what} Your marks are kept: press Enter to send them again.` : what, true);
  }

  reconnect() {
    if (this.unsent) this.confirm();
  }

  // --- Marking ---

  toggle({ currentTarget }) {
    this.flip(this.cellOf(currentTarget));
  }

  flip(cell) {
    if (this.isFrozen()) return;
    if (cell.isMarked) cell.unmark();
    else cell.mark();
    cell.focus();
    this.draw();
  }

  // The first character that is typed on a picture marks it and goes into its field, where typing goes on.
  retype(cell, character) {
    if (this.isFrozen()) return;
    const [refused] = this.rules.fit(character).refused;
    if (refused) return this.refuse(refused);
    cell.mark();
    cell.take(character);
    cell.field.focus();
    this.took(cell);
  }

  typed({ target, isComposing }) {
    const cell = this.cellOf(target);
    if (cell?.field !== target || isComposing) return;
    const [refused] = cell.take(target.value);
    this.took(cell);
    if (refused) this.refuse(refused);
  }

  took(cell) {
    this.draw();
    if (this.rules.commitsByItself(cell.typed)) this.goOn(cell);
  }

  // A text is complete: on to the next one that was marked and not typed yet.
  goOn(cell) {
    const place = this.cells.indexOf(cell);
    const next = [...this.cells.slice(place + 1), ...this.cells.slice(0, place)].find((one) => one.isEmpty);
    if (next) next.focus();
    else cell.button.focus();
  }

  refuse(character) {
    this.say(`“${character}” is not in the alphabet.`, true);
  }

  isFrozen() {
    if (this.unsent) this.say("This sheet is on its way. Press Enter to send it again; then undo it if it was wrong.", true);
    return this.unsent !== null || this.isBusy;
  }

  // --- Keyboard ---

  key(event) {
    if (event.isComposing) return;
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z") {
      event.preventDefault();
      this.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target === document.body ? this.current : this.cellOf(event.target);
    if (cell && this.wants(event, cell)) event.preventDefault();
  }

  // Does what a key means on a cell; returns whether it means anything there.
  wants({ key, target }, cell) {
    const isTyping = target === cell.field;
    if (key === "Enter") {
      // A text of which only Enter can say that it is done.
      if (isTyping && this.isWhole && cell.typed && !cell.isHalf) this.goOn(cell);
      else this.confirm();
    } else if (MOVES.includes(key)) {
      if (isTyping && this.isWhole && CURSOR_MOVES.includes(key)) return false;
      this.move(cell, key);
    } else if (key === " " && target !== cell.button) this.flip(cell);
    else if (key === "Escape" && cell.isMarked) this.flip(cell);
    else if (["Backspace", "Delete"].includes(key) && cell.isMarked && !(isTyping && cell.typed)) this.flip(cell);
    else if ([...key].length === 1 && key !== " " && !isTyping) this.retype(cell, key);
    else return false;
    return true;
  }

  move(cell, key) {
    const boxes = this.cells.map((one) => one.item.getBoundingClientRect());
    const to = neighbour(boxes, this.cells.indexOf(cell), key);
    if (to >= 0) this.cells[to].focus();
    else if (key === "ArrowUp") this.characterTargets.find((link) => link.hasAttribute("aria-current"))?.focus();
  }

  // Left and right go from character to character, down to the cells.
  moveCharacter(event) {
    const links = this.characterTargets;
    const place = links.indexOf(event.target);
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.key === "ArrowDown") this.current?.focus();
    else if (by && place >= 0) links[(place + by + links.length) % links.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  focused({ target }) {
    const cell = this.cellOf(target);
    if (!cell) return;
    this.current.button.tabIndex = -1;
    this.current = cell;
    cell.button.tabIndex = 0;
  }

  cellOf(element) {
    return this.cells.find(({ item }) => item.contains(element));
  }

  // --- Drawing ---

  draw() {
    const marked = this.cells.filter((cell) => cell.isMarked);
    const kept = this.cells.length - marked.filter((cell) => cell.isEmpty).length;
    this.confirmTarget.hidden = this.cells.length === 0;
    this.confirmTextTarget.textContent = `Confirm ${plural(kept, this.isWhole ? "image" : "slice")}`;
    this.undoTarget.disabled = !this.sheetTarget.dataset.undo;
    if (this.current) this.current.button.tabIndex = 0;
    const empty = this.cells.length - kept;
    const retyped = marked.length - empty;
    this.say([retyped && `${retyped} retyped`, empty && `${empty} marked and empty`].filter(Boolean).join(", "));
  }

  say(message, isRefusal = false) {
    this.messageTarget.textContent = message;
    this.messageTarget.classList.toggle("sheet-message-refusal", isRefusal);
  }
}
