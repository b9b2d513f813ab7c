// One cell of a contact sheet: a button with the picture, and, once it is marked as wrong, a field that says what it is
// instead.

export class Cell {
  // button: as the server drew it. rules: a TextRules for what can be typed. template: of the field.
  constructor(button, rules, template) {
    Object.assign(this, { button, rules, template, field: null });
  }

  get item() {
    return this.button.parentElement;
  }

  get isMarked() {
    return this.field !== null;
  }

  get typed() {
    return this.field?.value ?? "";
  }

  // Typed, but not enough of it.
  get isHalf() {
    return this.typed !== "" && !this.rules.isComplete(this.typed);
  }

  get isEmpty() {
    return this.isMarked && this.typed === "";
  }

  mark() {
    if (this.isMarked) return;
    this.field = this.template.content.firstElementChild.cloneNode(true);
    this.field.placeholder = this.button.dataset.shown;
    this.item.append(this.field);
    this.draw();
  }

  unmark() {
    this.field?.remove();
    this.field = null;
    this.draw();
  }

  // Takes what the field holds; of a single character only the last one that was typed. Returns the characters that do
  // not belong in it.
  take(value) {
    const one = this.rules.maxLength === 1;
    const { text, refused } = this.rules.fit(one ? [...value].slice(-1).join("") : value);
    this.field.value = text;
    return refused;
  }

  // Where typing goes, or the picture.
  focus() {
    (this.field ?? this.button).focus();
    this.field?.select();
  }

  draw() {
    this.item.classList.toggle("sheet-cell-marked", this.isMarked);
    this.button.setAttribute("aria-pressed", String(this.isMarked));
  }

  // What the server is told: an empty `said` sets the image aside.
  get answer() {
    const { image, position, text, shown } = this.button.dataset;
    return {
      image: Number(image),
      position: position === "" ? null : Number(position),
      text,
      said: this.isMarked ? this.typed : shown,
    };
  }
}
