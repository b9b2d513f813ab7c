// The form of a new project: presets fill the alphabet, and example texts show what the choices mean.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

const EXAMPLES = 3;

// The characters that count: no blanks, no repeats; where case does not matter, the first of both cases.
export function charactersOf(text, caseSensitive) {
  const seen = new Map();
  for (const character of text) {
    const key = caseSensitive ? character : character.toLowerCase();
    if (character.trim() && !seen.has(key)) seen.set(key, character);
  }
  return [...seen.values()];
}

// Texts as the project may contain them; the same ones for the same choices, so that typing does not make them flicker.
export function exampleTexts(characters, shortest, longest, count = EXAMPLES) {
  if (!characters.length || !(shortest >= 1 && longest >= shortest && longest <= 32)) return [];
  let seed = 7;
  const next = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  return Array.from({ length: count }, (_, i) => {
    const length = i === 0 ? shortest : i === count - 1 ? longest : shortest + next(longest - shortest + 1);
    return Array.from({ length }, () => characters[next(characters.length)]).join("");
  });
}

export default class extends Controller {
  static targets = [
    "alphabet",
    "caseSensitive",
    "lengthKind",
    "shortest",
    "minLength",
    "maxLength",
    "size",
    "examples",
    "exampleTexts",
  ];

  connect() {
    this.draw();
  }

  fill({ params: { characters } }) {
    this.alphabetTarget.value = String(characters);
    this.alphabetTarget.focus();
    this.draw();
  }

  draw() {
    const varies = this.lengthKindTargets.find((radio) => radio.checked)?.value === "range";
    this.shortestTarget.hidden = !varies;
    const characters = charactersOf(this.alphabetTarget.value, this.caseSensitiveTarget.checked);
    this.sizeTarget.textContent = characters.length === 1 ? "1 character." : characters.length ? `${characters.length} characters.` : "";
    const longest = Number(this.maxLengthTarget.value);
    const texts = exampleTexts(characters, varies ? Number(this.minLengthTarget.value) : longest, longest);
    this.examplesTarget.hidden = texts.length === 0;
    this.exampleTextsTarget.replaceChildren(
      ...texts.map((text) => {
        const element = document.createElement("span");
        element.className = "example";
        element.textContent = text;
        return element;
      }),
    );
  }
}
