import { afterEach, beforeEach, expect, test, vi } from "vitest";

import LabelController from "../../webapp/static/controllers/label_controller.js";
import { settled, startController } from "./start_controller.js";

const SKIP_REASONS = [{ value: "unreadable", title: "Unreadable" }, { value: "cut_off", title: "Cut off" }];

function html(config, cells) {
  const value = JSON.stringify({
    alphabet: "0123456789", minLength: 3, maxLength: 3, caseSensitive: false, outbox: "labels:1:1:",
    labelled: 0, unlabelled: 5, skipped: 0, skipReasons: SKIP_REASONS, recent: [], ...config,
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
  annotations = new Map();
  held = [];
  online = true;

  fetch = async (url, { body } = {}) => {
    if (!this.online) throw new TypeError("Failed to fetch");
    const wish = body ? JSON.parse(body) : null;
    const answer = (data, status = 200) => ({ ok: status < 400, status, redirected: false, json: async () => data });
    if (url.startsWith("/batch")) {
      const excluded = new URL(url, location.href).searchParams.get("exclude").split(",").map(Number);
      const done = new Set([...this.annotations.values()].map(({ image }) => image));
      const images = this.images.filter((id) => !done.has(id) && !excluded.includes(id) && !this.held.includes(id));
      return answer({ images: images.map((id) => ({ id, url: `/image/${id}` })), labelled: done.size, skipped: 0, unlabelled: this.images.length - done.size });
    }
    if (url === "/undo") this.annotations.delete(wish.key);
    else if (wish.text === "000") return answer({ error: "'000' is no text of this project." }, 400);
    else this.annotations.set(wish.key, wish);
    return answer({});
  };

  get texts() {
    return Object.fromEntries([...this.annotations.values()].map(({ image, text, reason }) => [image, text ?? reason]));
  }
}

let application, controller, site, input;

async function open(config = {}, cells = 3) {
  application?.stop();
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
const recent = () => [...controller.recentTarget.querySelectorAll(".label-text")].map((one) => one.textContent);

beforeEach(async () => {
  localStorage.clear();
  site = new Site();
  vi.stubGlobal("fetch", site.fetch);
  HTMLImageElement.prototype.decode = async () => {};
  await open();
});

afterEach(() => {
  application.stop();
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
