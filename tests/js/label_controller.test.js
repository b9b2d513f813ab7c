import { afterEach, beforeEach, expect, test, vi } from "vitest";

import LabelController from "../../webapp/static/controllers/label_controller.js";
import { settled, startController } from "./start_controller.js";

const SKIP_REASONS = [{ value: "unreadable", title: "Unreadable" }, { value: "cut_off", title: "Cut off" }];

function html(config, cells) {
  const value = JSON.stringify({
    alphabet: "0123456789", minLength: 3, maxLength: 3, caseSensitive: false, outbox: "labels:1:1:",
    done: 0, left: 5, overlap: 1, skipReasons: SKIP_REASONS, recent: [], ...config,
  });
  return `<div data-controller="label" data-label-config-value='${value}' data-label-batch-url-value="/batch" data-label-annotate-url-value="/annotate"
      data-label-skip-url-value="/skip" data-label-undo-url-value="/undo" data-action="keydown@document->label#keyAnywhere">
    <span data-label-target="done"></span><span data-label-target="left"></span><span data-label-target="pace"></span><span data-label-target="saved"></span><progress data-label-target="bar"></progress>
    <section data-label-target="work"><figure data-label-target="stage"></figure>
      <div data-label-target="field"><input data-label-target="input" data-action="beforeinput->label#beforeInput input->label#typed keydown->label#key">${'<span data-label-target="cell"></span>'.repeat(cells)}</div>
      <p data-label-target="message"></p>
      <div data-label-target="skipMenu" hidden>${SKIP_REASONS.map(({ value }) => `<button data-action="label#skip" data-label-reason-param="${value}"></button>`).join("")}</div></section>
    <section data-label-target="end" tabindex="-1" hidden><div data-label-target="endDone" hidden></div><div data-label-target="endOthers" hidden></div><div data-label-target="endFailed" hidden><span data-label-target="endReason"></span></div></section>
    <section><ol data-label-target="recent"></ol></section>
    <template data-label-target="recentTemplate"><li><img><span class="label-text"></span><button data-action="label#undoOne"></button></li></template></div>`;
}

// The site's side of the page: unlabelled images, and what was saved under which key.
class Site {
  images = [1, 2, 3, 4, 5];
  suggestions = {};
  annotations = new Map();
  held = [];
  pages = new Set();
  answer = {};
  online = true;

  fetch = async (url, { body } = {}) => {
    if (!this.online) throw new TypeError("Failed to fetch");
    const wish = body ? JSON.parse(body) : null;
    const answer = (data, status = 200) => ({ ok: status < 400, status, redirected: false, json: async () => data });
    if (url.startsWith("/batch")) {
      const { searchParams } = new URL(url, location.href);
      this.pages.add(searchParams.get("page"));
      const excluded = searchParams.get("exclude").split(",").map(Number);
      const done = new Set([...this.annotations.values()].map(({ image }) => image));
      const images = this.images.filter((id) => !done.has(id) && !excluded.includes(id) && !this.held.includes(id));
      const listed = images.map((id) => ({ id, url: `/image/${id}`, suggestion: this.suggestions[id] ?? "", confidence: 0.349 }));
      return answer({ images: listed, done: done.size, left: this.images.length - done.size });
    }
    if (wish.image && !this.images.includes(wish.image)) return answer({ error: "This image was deleted meanwhile." }, 404);
    if (wish.text === "000") return answer({ error: "'000' is no text of this project." }, 400);
    if (url !== "/undo") {
      this.annotations.set(wish.key, wish);
      return answer(this.answer);
    }
    this.annotations.delete(wish.key);
    return answer({});
  };

  get texts() {
    return Object.fromEntries([...this.annotations.values()].map(({ image, text, reason }) => [image, text ?? reason]));
  }
}

let application, controller, site, input, toasts;
const takeToast = ({ detail }) => toasts.push(detail.message);

function close() {
  application?.stop();
  controller?.disconnect();
}

async function open(config = {}, cells = 3) {
  close();
  ({ application, controller } = await startController("label", LabelController, html(config, cells)));
  input = controller.inputTarget;
  await quiet();
}

async function quiet() {
  for (let turn = 0; turn < 4; turn++) await settled();
}

// Types as a person does: one character after the other, wherever the page has put the focus.
async function type(text) {
  for (const character of text) {
    input.dispatchEvent(new InputEvent("beforeinput", { inputType: "insertText", data: character, bubbles: true, cancelable: true }));
    input.setRangeText(character, input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new InputEvent("input", { inputType: "insertText", data: character, bubbles: true }));
    await quiet();
  }
}

async function press(key, more = {}) {
  input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more }));
  await quiet();
}

const shownImage = () => controller.stageTarget.querySelector("img")?.getAttribute("src");
const done = () => Number(controller.doneTarget.textContent);
const cells = () => controller.cellTargets.map((cell) => cell.textContent).join("");
const saved = () => [...site.annotations.values()].map(({ text, suggested, confirmed }) => ({ text, suggested, confirmed }));
const recent = () => [...controller.recentTarget.querySelectorAll(".label-text")].map((one) => one.textContent);

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  toasts = [];
  document.addEventListener("toast", takeToast);
  site = new Site();
  vi.stubGlobal("fetch", site.fetch);
  HTMLImageElement.prototype.decode = async () => {};
  await open();
});

afterEach(() => {
  close();
  document.removeEventListener("toast", takeToast);
  vi.unstubAllGlobals();
});

test("a text commits by itself at the known length, and the next image is there", async () => {
  expect(shownImage()).toBe("/image/1");
  await type("123");
  expect(site.texts).toEqual({ 1: "123" });
  expect(shownImage()).toBe("/image/2");
  expect(input.value).toBe("");
  expect(document.activeElement).toBe(input);
  expect(done()).toBe(1);
});

test("a whole project is typed without anything but characters", async () => {
  await type("111222333444555");
  expect(site.texts).toEqual({ 1: "111", 2: "222", 3: "333", 4: "444", 5: "555" });
  expect(controller.workTarget.hidden).toBe(true);
  expect(controller.endDoneTarget.hidden).toBe(false);
  expect(done()).toBe(5);
});

test("a character outside the alphabet is refused with a reason", async () => {
  await type("1x");
  expect(input.value).toBe("1");
  expect(controller.messageTarget.textContent).toBe("“x” is not in the alphabet.");
});

test("with a range of lengths only Enter commits, and not too early", async () => {
  await open({ minLength: 2, maxLength: 4 }, 4);
  await type("1");
  await press("Enter");
  expect(controller.messageTarget.textContent).toContain("One more character");
  await type("234");
  expect(site.texts).toEqual({});
  await press("Enter");
  expect(site.texts).toEqual({ 1: "1234" });
});

test("Backspace at the start brings back the last image, to be typed over", async () => {
  await type("123");
  await press("Backspace");
  expect(shownImage()).toBe("/image/1");
  expect(input.value).toBe("123");
  await type("456");
  expect(site.texts).toEqual({ 1: "456" });
  expect(shownImage()).toBe("/image/2");
  expect(done()).toBe(1);
});

test("one wrong character of an earlier text is replaced in its place", async () => {
  await type("123");
  await press("Backspace");
  input.setSelectionRange(1, 1);
  await type("9");
  expect(site.texts).toEqual({ 1: "193" });
});

test("going back and on again changes nothing", async () => {
  await type("123");
  const [key] = site.annotations.keys();
  await press("Backspace");
  await press("Enter");
  expect([...site.annotations.keys()]).toEqual([key]);
  expect(shownImage()).toBe("/image/2");
});

test("Ctrl+Z takes the last text back and shows its image again", async () => {
  await type("123456");
  await press("z", { ctrlKey: true });
  expect(site.texts).toEqual({ 1: "123" });
  expect(shownImage()).toBe("/image/2");
  expect(done()).toBe(1);
  await type("789");
  expect(site.texts).toEqual({ 1: "123", 2: "789" });
  expect(shownImage()).toBe("/image/3");
});

test("any of the last items can be taken back from the list", async () => {
  await type("111222333");
  expect(recent()).toEqual(["333", "222", "111"]);
  controller.recentTarget.querySelectorAll("button")[2].click();
  await quiet();
  expect(recent()).toEqual(["333", "222"]);
  expect(shownImage()).toBe("/image/1");
  await type("999");
  expect(site.texts).toEqual({ 1: "999", 2: "222", 3: "333" });
  expect(shownImage()).toBe("/image/4");
});

test("Escape and a number skip an image with a reason", async () => {
  await press("Escape");
  expect(controller.skipMenuTarget.hidden).toBe(false);
  await press("2");
  expect(site.texts).toEqual({ 1: "cut_off" });
  expect(recent()).toEqual(["Cut off"]);
  expect(controller.skipMenuTarget.hidden).toBe(true);
  expect(shownImage()).toBe("/image/2");
});

test("work goes on while the server is away, and is saved when it is back", async () => {
  site.online = false;
  await type("111222");
  expect(shownImage()).toBe("/image/3");
  expect(controller.savedTarget.textContent).toContain("2 texts kept in this browser");
  site.online = true;
  controller.reconnect();
  await quiet();
  expect(site.texts).toEqual({ 1: "111", 2: "222" });
  expect(controller.savedTarget.textContent).toBe("All saved");
});

test("a reload before the saves went out loses nothing and counts nothing twice", async () => {
  site.online = false;
  await type("111222");
  site.online = true;
  await open();
  await quiet();
  expect(site.texts).toEqual({ 1: "111", 2: "222" });
  expect(site.annotations.size).toBe(2);
  expect(done()).toBe(2);
  expect(shownImage()).toBe("/image/3");
});

test("a text that the server refuses comes back to be typed again", async () => {
  await type("000");
  expect(done()).toBe(0);
  expect(recent()).toEqual([]);
  await type("222333444555");
  expect(shownImage()).toBe("/image/1");
  await type("111");
  expect(site.texts).toEqual({ 1: "111", 2: "222", 3: "333", 4: "444", 5: "555" });
});

test("images that other people hold are no end: one can look again", async () => {
  site.held = [1, 2, 3, 4, 5];
  await open();
  expect(controller.endOthersTarget.hidden).toBe(false);
  site.held = [1, 2];
  controller.again();
  await quiet();
  expect(shownImage()).toBe("/image/3");
});

async function openWithSuggestions(suggestions, config) {
  site.suggestions = suggestions;
  await open(config);
}

test.each(["Tab", "Enter"])("%s accepts the suggestion that shows as ghost text", async (key) => {
  await openWithSuggestions({ 1: "123" });
  expect(cells()).toBe("123");
  expect(controller.cellTargets.every((cell) => cell.classList.contains("cell-ghost"))).toBe(true);
  expect(controller.messageTarget.textContent).toContain("Suggested: 123, 34 % sure.");
  await press(key);
  expect(saved()).toEqual([{ text: "123", suggested: "123", confirmed: true }]);
  expect(shownImage()).toBe("/image/2");
  expect(cells()).toBe("");
});

test("typing replaces the suggestion", async () => {
  await openWithSuggestions({ 1: "123" });
  await type("9");
  expect(cells()).toBe("9");
  await press("Tab");
  expect(saved()).toEqual([]);
  await type("87");
  expect(saved()).toEqual([{ text: "987", suggested: "123", confirmed: false }]);
});

test("Tab completes a suggestion that was begun to be typed", async () => {
  await openWithSuggestions({ 1: "123" });
  await type("12");
  expect(cells()).toBe("123");
  await press("Tab");
  expect(saved()).toEqual([{ text: "123", suggested: "123", confirmed: true }]);
});

test("with a range of lengths Enter keeps what is typed, not what is suggested", async () => {
  await openWithSuggestions({ 1: "1234" }, { minLength: 2, maxLength: 4 });
  await type("12");
  await press("Enter");
  expect(saved()).toEqual([{ text: "12", suggested: "1234", confirmed: false }]);
});

test("a suggestion that is no text of the project is not shown", async () => {
  await openWithSuggestions({ 1: "12" });
  expect(cells()).toBe("");
  await press("Enter");
  expect(saved()).toEqual([]);
});

test("an earlier image shows its text, not the suggestion", async () => {
  await openWithSuggestions({ 1: "123" });
  await type("456");
  await press("Backspace");
  expect(cells()).toBe("456");
  input.value = "";
  input.dispatchEvent(new InputEvent("input", { bubbles: true }));
  expect(cells()).toBe("");
});

test("a reload is the same page, so that it is handed its own images again", async () => {
  await open();
  expect(site.pages.size).toBe(1);
  sessionStorage.clear();
  await open();
  expect(site.pages.size).toBe(2);
});

test("what else became of a text is told", async () => {
  site.answer = { outcome: "extra", message: "Others have read “a.png” meanwhile." };
  await type("123");
  expect(toasts).toEqual(["Others have read “a.png” meanwhile."]);
  expect(recent()).toEqual(["123"]);
});

test("that a revision replaces one's own text is no news", async () => {
  await type("123");
  site.answer = { outcome: "replaced", message: "You had read “a.png” before." };
  await press("Backspace");
  await type("456");
  expect(toasts).toEqual([]);
});

test("an image that was deleted meanwhile is dropped from the list with a sentence", async () => {
  site.images = [2, 3, 4, 5];
  await type("123");
  expect(toasts).toEqual(["Not saved: This image was deleted meanwhile."]);
  expect(recent()).toEqual([]);
  await type("222333444555");
  expect(site.texts).toEqual({ 2: "222", 3: "333", 4: "444", 5: "555" });
  expect(controller.workTarget.hidden).toBe(true);
});

test("with several readers of each image only the server says which are done", async () => {
  await open({ overlap: 2 });
  await type("123");
  expect(done()).toBe(0);
});
