import { afterEach, beforeEach, expect, test, vi } from "vitest";

import UploadController, { sentenceAbout } from "../../webapp/static/controllers/upload_controller.js";
import { startController } from "./start_controller.js";

const target = (name, tag = "div", more = "") => `<${tag} data-upload-target="${name}" ${more}></${tag}>`;
const HTML = `<form data-controller="upload" data-upload-create-url-value="/create/" data-upload-check-url-value="/check/"
    data-action="submit->upload#start beforeunload@window->upload#guard">
  <fieldset data-upload-target="choice">
    <input type="radio" name="label_source" value="filename" checked data-action="upload#check">
    <input type="radio" name="label_source" value="csv" data-action="upload#check" data-upload-target="table">
    <input type="radio" name="label_source" value="none" data-action="upload#check">
    <input type="checkbox" checked data-upload-target="keepSplits">
  </fieldset>
  ${target("drop")}<button type="button" data-upload-target="browse"></button>
  <input type="file" data-upload-target="files"><input type="file" data-upload-target="folder">
  <section data-upload-target="chosen" hidden>
    ${target("summary", "h2")}
    <p data-upload-target="warning" hidden>${target("warningText", "span")}</p>
    ${target("outlook", "ul")}
    <div data-upload-target="sending" hidden>${target("sent", "span")}${target("estimate", "span")}
      <progress max="100" value="0" data-upload-target="bar"></progress></div>
    ${target("error", "div", "hidden")}
    <details data-upload-target="problems" hidden>${target("problemsTitle", "summary")}${target("problemList", "ul")}</details>
    ${target("submit", "button")}
  </section>
  <template data-upload-target="outlookRow"><li><img><span class="outlook-name"></span><span class="outlook-text"></span></li></template>
</form>`;

const items = (...names) => names.map((name) => ({ name, file: new File(["0123456789"], name) }));
let application, controller, element, asked;

// The server's side: which texts names give, and what is said to the requests of an upload.
function serve(answers) {
  asked = [];
  vi.stubGlobal("fetch", async (url, options) => {
    asked.push([url, options.body]);
    const [status, body] = answers(url, options);
    return { ok: status < 400, status, url, json: async () => body };
  });
}

beforeEach(async () => {
  URL.createObjectURL = () => "blob:x";
  URL.revokeObjectURL = () => {};
  serve((_, { body }) => [200, { files: JSON.parse(body).names.map((name) => ({ name, text: name.split(".")[0], problem: "" })) }]);
  ({ application, controller, element } = await startController("upload", UploadController, HTML));
});

afterEach(() => {
  application.stop();
  vi.unstubAllGlobals();
});

const part = (name) => element.querySelector(`[data-upload-target=${name}]`);

test("chosen files are summed up with the texts they would get, litter and repeats left out", async () => {
  await controller.add(items("123.png", ".DS_Store"));
  await controller.add(items("123.png", "456.png"));
  expect(part("summary").textContent).toMatch(/^2 files, /);
  expect(part("submit").textContent).toBe("Import 2 files");
  expect([...element.querySelectorAll(".outlook-text")].map((each) => each.textContent)).toEqual(["123", "456"]);
});

test("names that do not fit are said before anything is uploaded", async () => {
  serve(() => [200, { files: [{ name: "ab.png", text: "", problem: "'ab' has 'a', which is not in the alphabet." }] }]);
  await controller.add(items("ab.png"));
  expect(part("warning").hidden).toBe(false);
  expect(part("warningText").textContent).toContain("not in the alphabet");
});

test("labels from a table need the table", async () => {
  element.querySelector("[value=csv]").checked = true;
  await controller.add(items("a.png"));
  expect(part("submit").disabled).toBe(true);
  await controller.add(items("labels.csv"));
  expect(part("submit").disabled).toBe(false);
  expect(part("warning").hidden).toBe(true);
});

test.each(["labels.csv", "labels.tsv", "tasks.json", "labels.jsonl"])("choosing %s chooses tables as the source of texts", async (name) => {
  await controller.add(items("a.png", name));
  expect(element.querySelector("[value=csv]").checked).toBe(true);
  expect(part("submit").disabled).toBe(false);
});

test("an upload opens an import, sends every file with its name, starts it, and goes to its page", async () => {
  const sent = [];
  vi.stubGlobal("XMLHttpRequest", requestThat((form) => {
    sent.push(...form.getAll("names"));
    return { status: 200, response: { files: [] } };
  }));
  await controller.add(items("train/7/a.png", "b.png"));
  serve((url) => [200, url === "/create/" ? { upload_url: "/up/", start_url: "/start/" } : { url: "/imports/1/" }]);
  const leave = vi.spyOn(controller, "leaveFor").mockReturnValue();
  await controller.start(new Event("submit"));
  expect(sent).toEqual(["train/7/a.png", "b.png"]);
  expect(asked.map(([url]) => url)).toEqual(["/create/", "/start/"]);
  expect(asked[0][1].get("label_source")).toBe("filename");
  expect(asked[0][1].get("keep_splits")).toBe("1");
  expect(leave).toHaveBeenCalledWith("/imports/1/");
});

test("a refused start says why and can be tried again without sending anything twice", async () => {
  let requests = 0;
  vi.stubGlobal("XMLHttpRequest", requestThat(() => {
    requests++;
    return { status: 200, response: { files: [] } };
  }));
  await controller.add(items("a.png"));
  serve((url) => (url === "/create/" ? [200, { upload_url: "/up/", start_url: "/start/" }] : [400, { error: "No files yet." }]));
  await controller.start(new Event("submit"));
  expect(part("error").textContent).toBe("No files yet.");
  expect(part("submit").textContent).toBe("Try again");
  await controller.start(new Event("submit"));
  expect(requests).toBe(1);
});

test("leaving is questioned only while files are under way", () => {
  const leaving = () => {
    const event = new Event("beforeunload", { cancelable: true });
    window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(leaving()).toBe(false);
  controller.setSending(true);
  expect(leaving()).toBe(true);
});

test("the sentence about names counts what does not fit", () => {
  const good = { problem: "" };
  const bad = { problem: "it is too long." };
  expect(sentenceAbout([good, good])).toBe("");
  expect(sentenceAbout([good, bad])).toMatch(/^1 file of 2 gives no text that fits this project: it is too long\./);
  expect(sentenceAbout([bad, bad])).toMatch(/^None of the 2 files gives a text that fits/);
});

function requestThat(answer) {
  return class extends EventTarget {
    upload = new EventTarget();
    responseURL = "http://localhost/up/";
    open() {}
    setRequestHeader() {}
    send(form) {
      Object.assign(this, answer(form));
      this.dispatchEvent(new Event("load"));
    }
  };
}
