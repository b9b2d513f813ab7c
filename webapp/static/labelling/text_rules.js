// What may be typed for an image: the project's alphabet, its lengths and its case. The server checks again with
// `labeling.imaging.labels.check_text`; this is what makes the page answer at once.

export class TextRules {
  constructor({ alphabet, minLength, maxLength, caseSensitive }) {
    this.minLength = minLength;
    this.maxLength = maxLength;
    this.characters = new Map();
    for (const character of alphabet) {
      const form = caseSensitive ? character : fold(character);
      if (!this.characters.has(form)) this.characters.set(form, character);
    }
    this.form = caseSensitive ? (character) => character : fold;
  }

  get isFixed() {
    return this.minLength === this.maxLength;
  }

  // Splits what was typed into the text as the project writes it and the characters that do not belong in it.
  fit(typed) {
    const refused = [];
    const kept = [];
    for (const character of typed.normalize("NFC")) {
      const known = this.characters.get(this.form(character));
      if (known === undefined) refused.push(character);
      else kept.push(known);
    }
    return { text: kept.slice(0, this.maxLength).join(""), refused, tooLong: kept.length > this.maxLength };
  }

  isComplete(text) {
    const { length } = [...text];
    return length >= this.minLength && length <= this.maxLength;
  }

  // With one possible length, the last character says that the text is done; with a range only Enter can.
  commitsByItself(text) {
    return this.isFixed && [...text].length === this.maxLength;
  }

  // Why a text cannot be saved yet, as a sentence.
  missing(text) {
    const count = this.minLength - [...text].length;
    return `${count === 1 ? "One more character" : `${count} more characters`}: the shortest text has ${this.minLength}.`;
  }
}

function fold(character) {
  return character.toLowerCase();
}
