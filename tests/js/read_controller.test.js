import { afterEach, beforeEach, expect, test, vi } from "vitest";

import ReadController from "../../webapp/static/controllers/read_controller.js";
import { settled, startController } from "./start_controller.js";

const HTML = `<div data-controller="read" data-read-url-value="/upload/" data-read-batch-value="2" data-read-at-once-value="4" data-read-create-url-value="/batches/create/" data-action="paste->read#paste">
  <div data-read-target="drop" data-action="drop->read#dropped"></div><input type="file" data-read-target="input">
  <div data-read-target="progress" hidden><span data-read-target="count"></span><span data-read-target="rate"></span><progress data-read-target="bar"></progress></div>
  <div data-read-target="problem" hidden><p data-read-target="problemText"></p></div><div data-read-target="tools" hidden></div>
  <div data-read-target="cards"></div></div>`;
const OPENED = { id: 7, url: "/batches/7/", upload_url: "/batches/7/upload/", start_url: "/batches/7/start/" };
let application, controller, sent, opened, left, away;

class Upload extends EventTarget {
  upload = new EventTarget();
  open(method, url) {
    this.url = url;
  }
  setRequestHeader() {}
  send(form) {
    this.responseURL = "http://localhost/";
    if (away) {
      this.status = 409;
      this.response = { error: "The disk is full." };
    } else {
      this.status = 200;
      sent.push([this.url, form.getAll("names")]);
      this.response = { files: form.getAll("names").map((name) => ({ name, error: "" })) };
    }
    this.dispatchEvent(new Event("load"));
  }
}

beforeEach(async () => {
  sent = [];
  opened = [];
  left = "";
  away = false;
  vi.stubGlobal("XMLHttpRequest", Upload);
  vi.stubGlobal("fetch", async (url, { body }) => {
    const headers = new Headers();
    if (url !== "/upload/") {
      opened.push(url);
      return { ok: true, status: 200, redirected: false, headers, json: async () => OPENED };
    }
    const names = body.getAll("files").map((file) => file.name);
    if (away) {
      headers.set("Content-Type", "text/plain; charset=utf-8");
      return { ok: false, status: 503, redirected: false, headers, text: async () => "No worker answered within 10 seconds." };
    }
    sent.push(names);
    return { ok: true, status: 200, redirected: false, headers, text: async () => names.map((name) => `<article>${name}</article>`).join("") };
  });
  ({ application, controller } = await startController("read", ReadController, HTML));
  controller.leaveFor = (url) => (left = url);
});

afterEach(() => {
  application.stop();
  vi.unstubAllGlobals();
});

const files = (...names) => names.map((name) => new File(["x"], name, { type: "image/png" }));

async function rest() {
  for (let turn = 0; turn < 12; turn++) await settled();
}

async function drop(list) {
  const dataTransfer = { items: [], files: list };
  controller.dropTarget.dispatchEvent(Object.assign(new Event("drop", { cancelable: true }), { dataTransfer }));
  await rest();
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
  await rest();
  expect(cards()).toEqual(["shot.png"]);
});

test("without a reader the sentence of the server shows, and trying again loses no image", async () => {
  away = true;
  await drop(files("a.png", "b.png", "c.png"));
  expect(controller.problemTextTarget.textContent).toBe("No worker answered within 10 seconds. 3 files still to send.");
  away = false;
  controller.resume();
  await rest();
  expect(controller.problemTarget.hidden).toBe(true);
  expect(cards()).toEqual(["a.png", "b.png", "c.png"]);
});

test("many images become a batch, which has a page of its own", async () => {
  await drop(files("1.png", "2.png", "3.png", "4.png", "5.png"));
  expect(sent).toEqual([["/batches/7/upload/", ["1.png", "2.png", "3.png", "4.png", "5.png"]]]);
  expect(opened).toEqual(["/batches/create/", "/batches/7/start/"]);
  expect(left).toBe("/batches/7/");
});

test("an archive becomes a batch", async () => {
  await drop(files("scans.ZIP"));
  expect(sent).toEqual([["/batches/7/upload/", ["scans.ZIP"]]]);
});

test("what systems put into folders is left out", async () => {
  await drop(files("a.png", ".DS_Store", "Thumbs.db"));
  expect(cards()).toEqual(["a.png"]);
});

test("a batch that could not be sent goes on where it stopped, in the same batch", async () => {
  away = true;
  await drop(files("scans.zip"));
  expect(controller.problemTextTarget.textContent).toBe("The disk is full. 1 file still to send.");
  expect(left).toBe("");
  away = false;
  controller.resume();
  await rest();
  expect(opened.filter((url) => url === "/batches/create/")).toHaveLength(1);
  expect(left).toBe("/batches/7/");
});

test("while a batch is on its way, the page asks before it is left", async () => {
  let arrive;
  vi.stubGlobal("XMLHttpRequest", class extends Upload {
    send(form) {
      arrive = () => super.send(form);
    }
  });
  await drop(files("scans.zip"));
  const leaving = new Event("beforeunload", { cancelable: true });
  controller.guard(leaving);
  expect(leaving.defaultPrevented).toBe(true);
  await drop(files("late.png"));
  expect(controller.problemTextTarget.textContent).toContain("A batch is being sent");
  arrive();
  await rest();
  expect(left).toBe("/batches/7/");
});
