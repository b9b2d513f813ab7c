import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ReviewController from "../../webapp/static/controllers/review_controller.js";
import { settled, startController } from "./start_controller.js";

function html(config) {
  const value = JSON.stringify({
    alphabet: "0123456789abs", minLength: 3, maxLength: 3, caseSensitive: false, outbox: "review:1:1:", left: 3,
    skipReasons: { unreadable: "Unreadable", cut_off: "Cut off" }, unreadable: "unreadable", recent: [], ...config,
  });
  return `<div data-controller="review" data-review-config-value='${value}' data-review-batch-url-value="/batch" data-review-settle-url-value="/settle"
      data-review-undo-url-value="/undo" data-action="keydown@document->review#keyAnywhere">
    <span data-review-target="left"></span><span data-review-target="saved"></span>
    <section data-review-target="work" hidden><figure data-review-target="stage"></figure><p data-review-target="question"></p><ol data-review-target="choices"></ol>
      <input data-review-target="input" data-action="input->review#typed keydown->review#key"><p data-review-target="message"></p></section>
    <section data-review-target="end" tabindex="-1" hidden><div data-review-target="endDone" hidden></div><div data-review-target="endFailed" hidden><span data-review-target="endReason"></span></div></section>
    <section><ol data-review-target="recent"></ol></section>
    <template data-review-target="choiceTemplate"><li><button data-action="review#choose"><kbd></kbd><span class="label-text"></span><span class="review-said-by"></span></button></li></template>
    <template data-review-target="recentTemplate"><li><img><span class="label-text"></span><button data-action="review#undoOne"></button></li></template></div>`;
}

const choice = (text, ...saidBy) => ({ text, reason: "", saidBy });
const CASES = [
  { id: 1, kind: "dispute", choices: [choice("123", "ada", "bob"), choice("124", "eve"), { text: "", reason: "cut_off", saidBy: ["joe"] }] },
  { id: 2, kind: "doubt", choices: [choice("555", "the label"), choice("556", "the model, 97 % sure")] },
  { id: 3, kind: "dispute", choices: [choice("777", "ada"), choice("778", "bob")] },
];

// The site's side of the page: images in review, and what was settled under which key.
class Site {
  cases = CASES.map((one) => ({ ...one, url: `/image/${one.id}`, name: `${one.id}.png`, width: 60, height: 20 }));
  settlements = new Map();
  quicker = new Set();
  online = true;

  fetch = async (url, { body } = {}) => {
    if (!this.online) throw new TypeError("Failed to fetch");
    const wish = body ? JSON.parse(body) : null;
    const answer = (data, status = 200) => ({ ok: status < 400, status, redirected: false, json: async () => data });
    if (url.startsWith("/batch")) {
      const excluded = new URL(url, location.href).searchParams.get("exclude").split(",").map(Number);
      const images = this.open.filter(({ id }) => !excluded.includes(id));
      return answer({ images, left: this.open.length });
    }
    if (url === "/undo") {
      const image = this.settlements.get(wish.key)?.image;
      this.settlements.delete(wish.key);
      return answer({ image: this.cases.find(({ id }) => id === image) ?? null });
    }
    if (this.quicker.has(wish.image)) return answer({ error: "Grace was quicker: it is settled as 124. Here is the next one." }, 409);
    this.settlements.set(wish.key, wish);
    return answer({});
  };

  get open() {
    const done = new Set([...this.settlements.values()].map(({ image }) => image));
    return this.cases.filter(({ id }) => !done.has(id) && !this.quicker.has(id));
  }

  get decisions() {
    return Object.fromEntries([...this.settlements.values()].map(({ image, text, reason }) => [image, text ?? reason]));
  }
}

let application, controller, site, toasts;

function close() {
  application?.stop();
  controller?.disconnect();
}

async function open(config = {}) {
  close();
  ({ application, controller } = await startController("review", ReviewController, html(config)));
  await quiet();
}

async function quiet() {
  for (let turn = 0; turn < 4; turn++) await settled();
}

async function press(key, more = {}) {
  const target = document.activeElement ?? document.body;
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  target.dispatchEvent(event);
  // A browser puts the character into the field that has the focus by now.
  if (!event.defaultPrevented && key.length === 1 && document.activeElement === controller.inputTarget) {
    controller.inputTarget.value += key;
    controller.inputTarget.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  await quiet();
}

const shownImage = () => controller.stageTarget.querySelector("img")?.getAttribute("src");
const left = () => Number(controller.leftTarget.textContent);

beforeEach(async () => {
  localStorage.clear();
  site = new Site();
  toasts = [];
  document.addEventListener("toast", ({ detail }) => toasts.push(detail.message));
  vi.stubGlobal("fetch", site.fetch);
  HTMLImageElement.prototype.decode = async () => {};
  await open();
});

afterEach(() => {
  close();
  vi.unstubAllGlobals();
});

test("the readings stand side by side with who read them, and where they part is marked", () => {
  const choices = [...controller.choicesTarget.children].map((item) => [
    item.querySelector("kbd").textContent, item.querySelector(".label-text").textContent, item.querySelector(".review-said-by").textContent,
  ]);
  expect(choices).toEqual([["1", "123", "ada, bob"], ["2", "124", "eve"], ["3", "Cut off", "joe"]]);
  expect([...controller.choicesTarget.querySelectorAll("mark")].map((one) => one.textContent)).toEqual(["3", "4"]);
});

test("one key settles an image, and the next one is there", async () => {
  await press("2");
  expect(site.decisions).toEqual({ 1: "124" });
  expect(shownImage()).toBe("/image/2");
  expect(left()).toBe(2);
});

test("a reason is chosen like a text", async () => {
  await press("3");
  expect(site.decisions).toEqual({ 1: "cut_off" });
});

test("of a doubt, 1 keeps the label and 2 takes what the model reads", async () => {
  await press("1");
  await press("2");
  expect(site.decisions).toEqual({ 1: "123", 2: "556" });
});

test("S settles an image as unreadable", async () => {
  await press("s");
  expect(site.decisions).toEqual({ 1: "unreadable" });
});

test("a character that is no choice begins another text, saved at its full length", async () => {
  for (const key of "999") await press(key);
  expect(site.decisions).toEqual({ 1: "999" });
  expect(shownImage()).toBe("/image/2");
  expect(controller.inputTarget.value).toBe("");
});

test("after Enter any character is text, also one that would be a key", async () => {
  await press("Enter");
  for (const key of "1s2") await press(key);
  expect(site.decisions).toEqual({ 1: "1s2" });
});

test("Escape leaves the typing, and keys decide again", async () => {
  await press("9");
  await press("Escape");
  expect(controller.inputTarget.value).toBe("");
  await press("1");
  expect(site.decisions).toEqual({ 1: "123" });
});

test("a character outside the alphabet is refused with a reason", async () => {
  await press("Enter");
  await press("x");
  expect(controller.inputTarget.value).toBe("");
  expect(controller.messageTarget.textContent).toBe("“x” is not in the alphabet.");
});

test("with a range of lengths Enter saves, and not too early", async () => {
  await open({ minLength: 2, maxLength: 4 });
  await press("9");
  await press("Enter");
  expect(controller.messageTarget.textContent).toContain("One more character");
  await press("8");
  await press("Enter");
  expect(site.decisions).toEqual({ 1: "98" });
});

test("Ctrl+Z takes the last decision back and shows its image again", async () => {
  await press("2");
  await press("z", { ctrlKey: true });
  expect(site.decisions).toEqual({});
  expect(shownImage()).toBe("/image/1");
  expect(left()).toBe(3);
  await press("1");
  expect(site.decisions).toEqual({ 1: "123" });
  expect(shownImage()).toBe("/image/2");
});

test("what was settled before a reload can be taken back", async () => {
  site.settlements.set("old", { image: 1, text: "123" });
  await open({ left: 2, recent: [{ key: "old", image: { id: 1, url: "/image/1" }, text: "123", reason: "" }] });
  expect(shownImage()).toBe("/image/2");
  controller.recentTarget.querySelector("button").click();
  await quiet();
  expect(shownImage()).toBe("/image/1");
  expect(site.decisions).toEqual({});
  await press("2");
  expect(shownImage()).toBe("/image/2");
});

test("whoever comes second hears it and has the next image already", async () => {
  site.quicker.add(1);
  await press("1");
  expect(toasts.at(-1)).toMatch(/^Grace was quicker/);
  expect(shownImage()).toBe("/image/2");
  expect(controller.recentTarget.children).toHaveLength(0);
});

test("an image is left for later", async () => {
  await press("ArrowRight");
  expect(shownImage()).toBe("/image/2");
  expect(site.decisions).toEqual({});
});

test("after the last image there is nothing left to settle", async () => {
  for (const key of "111") await press(key);
  expect(controller.workTarget.hidden).toBe(true);
  expect(controller.endDoneTarget.hidden).toBe(false);
  expect(left()).toBe(0);
});

test("decisions made while the server is away are saved when it is back", async () => {
  site.online = false;
  await press("1");
  await press("1");
  expect(controller.savedTarget.textContent).toContain("2 decisions kept in this browser");
  site.online = true;
  controller.reconnect();
  await quiet();
  expect(site.decisions).toEqual({ 1: "123", 2: "555" });
});

test("a page that goes leaves its unsent decisions to the next one, which sends each once", async () => {
  site.online = false;
  await press("1");
  close();
  site.online = true;
  await open();
  expect(site.decisions).toEqual({ 1: "123" });
  expect(site.settlements.size).toBe(1);
  expect(shownImage()).toBe("/image/2");
});

test("a page that has gone sends nothing more", async () => {
  site.online = false;
  await press("1");
  const gone = controller;
  close();
  site.online = true;
  gone.outbox.retryNow();
  await quiet();
  expect(site.decisions).toEqual({});
});
