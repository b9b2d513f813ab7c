import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ReadController from "../../webapp/static/controllers/read_controller.js";
import { settled, startController } from "./start_controller.js";

const HTML = `<div data-controller="read" data-read-url-value="/upload/" data-read-batch-value="2" data-action="paste->read#paste">
  <div data-read-target="drop" data-action="drop->read#dropped"></div><input type="file" data-read-target="input">
  <div data-read-target="progress" hidden><span data-read-target="count"></span><span data-read-target="rate"></span><progress data-read-target="bar"></progress></div>
  <div data-read-target="problem" hidden><p data-read-target="problemText"></p></div><div data-read-target="tools" hidden></div>
  <div data-read-target="cards"></div></div>`;
let application, controller, sent, away;

beforeEach(async () => {
  sent = [];
  away = false;
  vi.stubGlobal("fetch", async (url, { body }) => {
    const names = body.getAll("files").map((file) => file.name);
    if (away) {
      const headers = new Headers({ "Content-Type": "text/plain; charset=utf-8" });
      return { ok: false, status: 503, redirected: false, headers, text: async () => "No worker answered within 10 seconds." };
    }
    sent.push(names);
    return { ok: true, status: 200, redirected: false, text: async () => names.map((name) => `<article>${name}</article>`).join("") };
  });
  ({ application, controller } = await startController("read", ReadController, HTML));
});

afterEach(() => {
  application.stop();
  vi.unstubAllGlobals();
});

const files = (...names) => names.map((name) => new File(["x"], name, { type: "image/png" }));

async function drop(list) {
  controller.dropTarget.dispatchEvent(Object.assign(new Event("drop", { cancelable: true }), { dataTransfer: { files: list } }));
  for (let turn = 0; turn < 6; turn++) await settled();
}

const cards = () => [...controller.cardsTarget.children].map((card) => card.textContent).sort();

test("dropped images are read a few at a time, and each gets its card", async () => {
  await drop(files("a.png", "b.png", "c.png"));
  expect(sent).toEqual([["a.png", "b.png"], ["c.png"]]);
  expect(cards()).toEqual(["a.png", "b.png", "c.png"]);
  expect(controller.progressTarget.hidden).toBe(true);
  expect(controller.toolsTarget.hidden).toBe(false);
});

test("a pasted image is read", async () => {
  const paste = Object.assign(new Event("paste", { bubbles: true, cancelable: true }), { clipboardData: { files: files("shot.png") } });
  controller.element.dispatchEvent(paste);
  await settled();
  await settled();
  expect(cards()).toEqual(["shot.png"]);
});

test("without a reader the sentence of the server shows, and trying again loses no image", async () => {
  away = true;
  await drop(files("a.png", "b.png", "c.png"));
  expect(controller.problemTextTarget.textContent).toBe("No worker answered within 10 seconds. 3 images still to read.");
  away = false;
  controller.resume();
  for (let turn = 0; turn < 6; turn++) await settled();
  expect(controller.problemTarget.hidden).toBe(true);
  expect(cards()).toEqual(["a.png", "b.png", "c.png"]);
});
