import { afterEach, beforeEach, expect, test, vi } from "vitest";

import SheetController from "../../webapp/static/controllers/sheet_controller.js";
import { settled, startController } from "./start_controller.js";

const COLUMNS = 20;

// The site's side of the page: images with suggested texts, of which some are wrong.
class Site {
  online = true;
  refusal = null;
  sent = [];
  sheets = [];

  constructor({ truths, suggestions, of = "slices", size = 120 }) {
    Object.assign(this, { truths, suggestions, of, size });
    this.said = new Map();
  }

  get open() {
    const cells = this.suggestions.flatMap((text, image) =>
      this.of === "images"
        ? [{ image, text, position: "", shown: text }]
        : [...text].map((shown, position) => ({ image, text, position, shown })),
    );
    return cells.filter(({ image, position }) => !this.said.has(`${image}:${position}`)).sort((one, other) => (one.shown < other.shown ? -1 : one.shown > other.shown ? 1 : 0));
  }

  sheet(character = "", news = "") {
    const from = this.open.filter(({ shown }) => shown >= character);
    const cells = [...from, ...this.open.filter(({ shown }) => shown < character)].slice(0, this.size);
    const characters = this.of === "images" ? [] : [...new Set(this.open.map(({ shown }) => shown))];
    const first = this.of === "images" ? "" : (cells[0]?.shown ?? "");
    return `<div data-sheet-target="sheet" data-character="${first}" data-upcoming='["/next"]' data-undo="${this.sheets.at(-1)?.key ?? ""}" data-news="${news}">
      <nav data-action="keydown->sheet#moveCharacter">${characters.map((one) => `<a href="?character=${one}" data-sheet-target="character" data-action="sheet#open" data-sheet-character-param="${one}" ${one === first ? "aria-current" : ""}>${one}</a>`).join("")}</nav>
      <ol>${cells.map((cell) => `<li><button type="button" tabindex="-1" aria-pressed="false" data-sheet-target="cell" data-action="sheet#toggle" data-image="${cell.image}" data-position="${cell.position}" data-text="${cell.text}" data-shown="${cell.shown}"></button></li>`).join("")}</ol></div>`;
  }

  fetch = async (url, { body } = {}) => {
    if (!this.online) throw new TypeError("Failed to fetch");
    const answer = (data, status = 200) => ({ ok: status < 400, status, redirected: false, json: async () => data });
    if (this.refusal) return answer({ error: this.refusal }, 400);
    if (url.startsWith("/cells")) return answer({ html: this.sheet(new URL(url, location.href).searchParams.get("character")) });
    const wish = JSON.parse(body);
    if (url === "/undo") {
      const undone = this.sheets.pop();
      for (const { image, position } of undone.cells) this.said.delete(`${image}:${position ?? ""}`);
      return answer({ html: this.sheet(wish.character, "Taken back.") });
    }
    this.sent.push(wish);
    if (!this.sheets.some(({ key }) => key === wish.key)) {
      this.sheets.push(wish);
      for (const { image, position, said } of wish.cells) this.said.set(`${image}:${position ?? ""}`, said);
    }
    return answer({ html: this.sheet(wish.character, "Saved.") });
  };
}

let application, controller, site, presses;

async function open({ alphabet = "0123456789", minLength = 4, maxLength = 4, ...options }) {
  application?.stop();
  site = new Site(options);
  vi.stubGlobal("fetch", site.fetch);
  const config = JSON.stringify({ alphabet, minLength, maxLength, caseSensitive: false, of: site.of, size: site.size });
  ({ application, controller } = await startController("sheet", SheetController, `<div data-controller="sheet" data-sheet-config-value='${config}'
      data-sheet-cells-url-value="/cells" data-sheet-confirm-url-value="/confirm" data-sheet-undo-url-value="/undo" data-action="keydown@document->sheet#key">
    <div data-sheet-target="frame" data-action="focusin->sheet#focused input->sheet#typed">${site.sheet()}</div>
    <template data-sheet-target="retype"><input></template>
    <button data-sheet-target="confirm" data-action="sheet#confirm"><span data-sheet-target="confirmText"></span></button>
    <button data-sheet-target="undo" data-action="sheet#undo"></button><p data-sheet-target="message"></p></div>`));
  presses = 0;
}

async function quiet() {
  for (let turn = 0; turn < 4; turn++) await settled();
}

// Presses a key where the focus is and does what a browser does with it.
async function press(key, more = {}) {
  presses += 1;
  const target = document.activeElement;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  if (target.dispatchEvent(event)) {
    if ([" ", "Enter"].includes(key) && target.matches("button, a")) target.click();
    else if (key.length === 1 && target.matches("input")) {
      target.setRangeText(key, target.selectionStart, target.selectionEnd, "end");
      target.dispatchEvent(new InputEvent("input", { data: key, bubbles: true }));
    } else if (key === "Backspace" && target.matches("input")) {
      target.value = target.value.slice(0, -1);
      target.dispatchEvent(new InputEvent("input", { bubbles: true }));
    }
  }
  await quiet();
}

const cells = () => controller.cellTargets;
const focused = () => cells().findIndex((cell) => cell.parentElement.contains(document.activeElement));
const marked = () => cells().flatMap((cell, index) => (cell.getAttribute("aria-pressed") === "true" ? [index] : []));
const message = () => controller.messageTarget.textContent;
const lastSaid = () => site.sent.at(-1).cells.map(({ said }) => said);

function randomTexts(count, seed) {
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const digits = () => Array.from({ length: 4 }, () => String(Math.floor(random() * 10))).join("");
  const truths = Array.from({ length: count }, digits);
  const suggestions = truths.map((text) => [...text].map((one) => (random() < 0.05 ? String((Number(one) + 1) % 10) : one)).join(""));
  return { truths, suggestions };
}

beforeEach(() => {
  // The layout that a browser would make: rows of twenty cells.
  Element.prototype.getBoundingClientRect = function place() {
    const index = [...this.parentElement.children].indexOf(this);
    return { top: Math.floor(index / COLUMNS) * 60, left: (index % COLUMNS) * 50 };
  };
});

afterEach(() => {
  application.stop();
  vi.unstubAllGlobals();
});

test("Enter confirms a whole sheet and brings the next", async () => {
  await open({ suggestions: ["1234", "1234"], size: 5 });
  expect(cells()).toHaveLength(5);
  expect(controller.confirmTextTarget.textContent).toBe("Confirm 5 slices");
  await press("Enter");
  expect(lastSaid()).toEqual(["1", "1", "2", "2", "3"]);
  expect(cells()).toHaveLength(3);
  expect(focused()).toBe(0);
  expect(message()).toBe("Saved.");
});

test("500 slices with 95 % right suggestions take at most 25 key presses besides the corrections", async () => {
  const { truths, suggestions } = randomTexts(125, 7);
  await open({ suggestions });
  let corrections = 0;
  while (cells().length) {
    const wrong = cells().filter(({ dataset }) => truths[dataset.image][dataset.position] !== dataset.shown);
    for (const cell of wrong) {
      // A click marks the odd one out, a key says what it is.
      cell.click();
      const before = presses;
      await press(truths[cell.dataset.image][cell.dataset.position]);
      corrections += presses - before;
    }
    await press("Enter");
  }
  expect(site.said.size).toBe(500);
  expect([...site.said].every(([cell, said]) => truths[cell.split(":")[0]][cell.split(":")[1]] === said)).toBe(true);
  expect(corrections).toBe(truths.flatMap((text, image) => [...text].filter((one, place) => one !== suggestions[image][place])).length);
  expect(presses - corrections).toBeLessThanOrEqual(25);
  // A busy machine draws 500 cells slowly.
}, 60_000);

test("arrows move among the cells, up and down by rows", async () => {
  await open({ suggestions: Array(15).fill("1234") });
  await press("ArrowRight");
  await press("ArrowDown");
  expect(focused()).toBe(21);
  await press("ArrowLeft");
  await press("ArrowUp");
  expect(focused()).toBe(0);
  await press("End");
  expect(focused()).toBe(59);
});

test("typing on a cell says what it is instead, without marking it first", async () => {
  await open({ suggestions: ["1234"] });
  await press("ArrowRight");
  await press("7");
  expect(marked()).toEqual([1]);
  expect(message()).toBe("1 retyped");
  await press("Enter");
  expect(lastSaid()).toEqual(["1", "7", "3", "4"]);
});

test("cells that are marked first are typed one after the other", async () => {
  await open({ suggestions: ["1234"] });
  cells()[0].click();
  cells()[2].click();
  cells()[1].click();
  expect(message()).toBe("3 marked and empty");
  await press("7");
  await press("8");
  await press("9");
  await press("Enter");
  expect(lastSaid()).toEqual(["9", "7", "8", "4"]);
});

test("Space marks a cell and takes its mark back", async () => {
  await open({ suggestions: ["1234"] });
  await press(" ");
  expect(marked()).toEqual([0]);
  await press(" ");
  expect(marked()).toEqual([]);
  expect(focused()).toBe(0);
});

test("Backspace and Escape take a mark back", async () => {
  await open({ suggestions: ["1234"] });
  await press("7");
  await press("Backspace");
  expect(marked()).toEqual([]);
  await press("7");
  await press("Escape");
  expect(marked()).toEqual([]);
});

test("a marked cell that is left empty sets its image aside", async () => {
  await open({ suggestions: ["1234"] });
  await press(" ");
  expect(controller.confirmTextTarget.textContent).toBe("Confirm 3 slices");
  await press("Enter");
  expect(lastSaid()).toEqual(["", "2", "3", "4"]);
});

test("a retyped character can be typed over", async () => {
  await open({ suggestions: ["1234"] });
  await press("7");
  await press("8");
  await press("Enter");
  expect(lastSaid()[0]).toBe("8");
});

test("a character outside the alphabet is refused with a reason and marks nothing", async () => {
  await open({ suggestions: ["1234"] });
  await press("x");
  expect(message()).toBe("“x” is not in the alphabet.");
  expect(marked()).toEqual([]);
  await press(" ");
  await press("x");
  expect(message()).toBe("“x” is not in the alphabet.");
  await press("Enter");
  expect(lastSaid()[0]).toBe("");
});

test("characters take the case of the alphabet", async () => {
  await open({ suggestions: ["ABCD"], alphabet: "ABCDE" });
  await press("e");
  await press("Enter");
  expect(lastSaid()[0]).toBe("E");
});

test("Ctrl+Z takes back the last sheet and shows where it began", async () => {
  await open({ suggestions: ["1234", "1234"], size: 4 });
  await press("Enter");
  expect(site.said.size).toBe(4);
  await press("z", { ctrlKey: true });
  expect(site.said.size).toBe(0);
  expect(cells()[0].dataset.shown).toBe("1");
  expect(message()).toBe("Taken back.");
});

test("without a sheet to undo the page says so", async () => {
  await open({ suggestions: ["1234"] });
  await press("z", { ctrlKey: true });
  expect(message()).toBe("There is no sheet to undo.");
  expect(controller.undoTarget.disabled).toBe(true);
});

test("a sheet that does not arrive is sent again as it was, under the same key", async () => {
  await open({ suggestions: ["1234"] });
  await press("7");
  site.online = false;
  await press("Enter");
  expect(message()).toContain("The server cannot be reached.");
  // What the server may have already is not changed any more.
  cells()[1].click();
  expect(marked()).toEqual([0]);
  site.online = true;
  await press("Enter");
  expect(lastSaid()).toEqual(["7", "2", "3", "4"]);
  expect(site.sheets).toHaveLength(1);
});

test("a lost answer counts once", async () => {
  await open({ suggestions: ["1234"] });
  const { fetch } = site;
  vi.stubGlobal("fetch", async (...wish) => {
    await fetch(...wish);
    throw new TypeError("Failed to fetch");
  });
  await press("Enter");
  vi.stubGlobal("fetch", fetch);
  controller.reconnect();
  await quiet();
  expect(site.sent).toHaveLength(2);
  expect(site.sheets).toHaveLength(1);
  expect(cells()).toHaveLength(0);
});

test("a refused sheet says why and can be changed", async () => {
  await open({ suggestions: ["1234"] });
  site.refusal = "Reload the page.";
  await press("Enter");
  expect(message()).toBe("Reload the page.");
  site.refusal = null;
  await press("7");
  await press("Enter");
  expect(lastSaid()[0]).toBe("7");
});

test("from the first row Up leads to the characters, where left and right choose the one to begin with", async () => {
  await open({ suggestions: ["1234"] });
  await press("ArrowUp");
  expect(document.activeElement.textContent).toBe("1");
  await press("ArrowRight");
  await press("ArrowRight");
  await press("Enter");
  expect(cells()[0].dataset.shown).toBe("3");
  expect(focused()).toBe(0);
});

test("Down leads from the characters back to the cells", async () => {
  await open({ suggestions: ["1234"] });
  await press("ArrowRight");
  await press("ArrowUp");
  await press("ArrowDown");
  expect(focused()).toBe(1);
});

test("whole images are confirmed with one key, and a wrong one is retyped in place", async () => {
  await open({ suggestions: ["1234", "5678", "9012"], of: "images" });
  expect(controller.confirmTextTarget.textContent).toBe("Confirm 3 images");
  await press("ArrowRight");
  for (const character of "5679") await press(character);
  expect(marked()).toEqual([1]);
  await press("Enter");
  expect(site.sent[0].cells[1]).toEqual({ image: 1, position: null, text: "5678", said: "5679" });
  expect(lastSaid()).toEqual(["1234", "5679", "9012"]);
});

test("a text that is too short is not confirmed", async () => {
  await open({ suggestions: ["1234"], of: "images" });
  for (const character of "567") await press(character);
  await press("Enter");
  expect(site.sent).toEqual([]);
  expect(message()).toContain("One more character");
});

test("where the length varies Enter first ends the text, then confirms", async () => {
  await open({ suggestions: ["1234", "56"], of: "images", minLength: 2, maxLength: 4 });
  for (const character of "12") await press(character);
  await press("Enter");
  expect(site.sent).toEqual([]);
  await press("Enter");
  expect(lastSaid()).toEqual(["12", "56"]);
});

test("the pictures of the next sheet are loaded ahead", async () => {
  await open({ suggestions: ["1234"] });
  expect(controller.upcoming.map((picture) => picture.getAttribute("src"))).toEqual(["/next"]);
});

test("an empty sheet cannot be confirmed", async () => {
  await open({ suggestions: [] });
  await press("Enter");
  expect(site.sent).toEqual([]);
  expect(controller.confirmTarget.hidden).toBe(true);
});
