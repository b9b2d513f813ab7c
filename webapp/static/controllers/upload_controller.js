// The import page: choose or drop files, see which texts they would get, send them in batches, start the import.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

import { postForm, postJson } from "../http.js";
import { makeBatches } from "../uploads/batches.js";
import { fromDrop, fromInput, isLitter } from "../uploads/chosen_files.js";
import { postFiles } from "../uploads/post_files.js";
import { Sender } from "../uploads/sender.js";
import { duration, fileSize, plural } from "../words.js";

const SHOWN = 6;
const NAMES_CHECKED = 2000;
const ARCHIVE = /\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz)$/i;
const TABLE = /\.(csv|tsv|jsonl|ndjson|json)$/i;

export default class extends Controller {
  static targets = [
    "bar",
    "browse",
    "choice",
    "chosen",
    "drop",
    "error",
    "estimate",
    "files",
    "folder",
    "keepSplits",
    "outlook",
    "outlookRow",
    "problemList",
    "problems",
    "problemsTitle",
    "sending",
    "sent",
    "submit",
    "summary",
    "table",
    "warning",
    "warningText",
  ];
  static values = { createUrl: String, checkUrl: String };

  connect() {
    this.items = [];
    this.batch = null;
    this.sender = null;
    this.isSending = false;
  }

  disconnect() {
    this.forgetPictures();
  }

  get source() {
    return this.element.querySelector("[name=label_source]:checked").value;
  }

  // Choosing

  browse() {
    this.filesTarget.click();
  }

  browseFolder() {
    this.folderTarget.click();
  }

  pick({ target }) {
    this.add(fromInput(target.files));
    // The same files may be chosen again after "Clear".
    target.value = "";
  }

  over(event) {
    event.preventDefault();
    if (!this.isSending && !this.batch) this.dropTarget.classList.add("drop-over");
  }

  leave(event) {
    if (!this.element.contains(event.relatedTarget)) this.dropTarget.classList.remove("drop-over");
  }

  async drop(event) {
    event.preventDefault();
    this.dropTarget.classList.remove("drop-over");
    if (this.isSending || this.batch) return;
    try {
      this.add(await fromDrop(event.dataTransfer));
    } catch (error) {
      this.fail(`The dropped files could not be read (${error.message}). Use “Choose files” instead.`);
    }
  }

  add(items) {
    const known = new Set(this.items.map(({ name, file }) => `${name} ${file.size}`));
    const fresh = items.filter(({ name, file }) => !isLitter(name) && !known.has(`${name} ${file.size}`));
    this.items = [...this.items, ...fresh];
    // A table is there for its texts; whoever wants them from elsewhere chooses that again.
    if (fresh.some(({ name }) => TABLE.test(name))) this.tableTarget.checked = true;
    this.draw();
    return this.check();
  }

  clear() {
    this.items = [];
    this.draw();
  }

  draw() {
    const bytes = this.items.reduce((sum, { file }) => sum + file.size, 0);
    this.chosenTarget.hidden = this.items.length === 0;
    this.dropTarget.classList.toggle("drop-small", this.items.length > 0);
    this.errorTarget.hidden = true;
    this.summaryTarget.textContent = `${plural(this.items.length, "file")}, ${fileSize(bytes)}`;
    this.submitTarget.textContent = `Import ${plural(this.items.length, "file")}`;
  }

  // What the texts would be

  async check() {
    const round = (this.round = (this.round ?? 0) + 1);
    const pictures = this.items.filter(({ name }) => !ARCHIVE.test(name) && !TABLE.test(name));
    const archives = this.items.some(({ name }) => ARCHIVE.test(name));
    const lacksTable = this.source === "csv" && !archives && !this.items.some(({ name }) => TABLE.test(name));
    this.submitTarget.disabled = lacksTable;
    let outlook = pictures.map(({ name }) => ({ name, text: "", problem: "" }));
    let warning = lacksTable ? "Add the CSV, TSV or JSON file with the texts: it is not among these files yet." : "";
    if (pictures.length && (this.source === "filename" || this.source === "folder")) {
      const names = pictures.slice(0, NAMES_CHECKED).map(({ name }) => name);
      try {
        outlook = (await postJson(this.checkUrlValue, { label_source: this.source, names })).files;
        warning = sentenceAbout(outlook);
      } catch (error) {
        warning = `The texts could not be checked beforehand: ${error.message}`;
      }
    }
    // A slower answer about an earlier choice must not overwrite this one.
    if (round !== this.round) return;
    this.warningTarget.hidden = !warning;
    this.warningTextTarget.textContent = warning;
    this.showOutlook(outlook, pictures);
  }

  showOutlook(outlook, pictures) {
    this.forgetPictures();
    this.pictures = [];
    const rows = mostTelling(outlook).map((i) => {
      const { name, text, problem } = outlook[i];
      const row = this.outlookRowTarget.content.firstElementChild.cloneNode(true);
      const address = URL.createObjectURL(pictures[i].file);
      this.pictures.push(address);
      const picture = row.querySelector("img");
      // Not every file is a picture that browsers draw.
      picture.addEventListener("error", () => picture.removeAttribute("src"));
      picture.src = address;
      row.querySelector(".outlook-name").textContent = name;
      const words = row.querySelector(".outlook-text");
      words.textContent = text || problem;
      words.classList.add(problem ? "outlook-problem" : "label-text");
      return row;
    });
    this.outlookTarget.replaceChildren(...rows);
  }

  forgetPictures() {
    for (const address of this.pictures ?? []) URL.revokeObjectURL(address);
  }

  // Sending

  async start(event) {
    event.preventDefault();
    if (this.isSending || !this.items.length) return;
    this.setSending(true);
    try {
      this.batch ??= await this.open();
      this.sender ??= new Sender(
        makeBatches(this.items),
        (files, options) => postFiles(this.batch.upload_url, files, options),
        { onChange: () => this.drawSending() },
      );
      await this.sender.run();
      const { url } = await postForm(this.batch.start_url, new FormData());
      this.isSending = false;
      this.leaveFor(url);
    } catch (error) {
      this.setSending(false);
      const said = error instanceof TypeError ? "The server cannot be reached." : error.message;
      const rest = this.sender?.waiting.length ? " Nothing is lost: press “Go on” to send the rest." : "";
      this.fail(said + rest);
      this.submitTarget.textContent = rest ? "Go on" : "Try again";
    }
  }

  open() {
    const form = new FormData();
    form.append("label_source", this.source);
    form.append("keep_splits", this.keepSplitsTarget.checked ? "1" : "0");
    return postForm(this.createUrlValue, form);
  }

  leaveFor(url) {
    window.location.assign(url);
  }

  // What is chosen cannot change any more once some of it is on the server.
  setSending(isSending) {
    this.isSending = isSending;
    this.submitTarget.disabled = isSending;
    this.errorTarget.hidden = true;
    this.sendingTarget.hidden = !isSending && !this.sender;
    const isFixed = isSending || Boolean(this.batch);
    this.choiceTarget.disabled = isFixed;
    for (const button of this.browseTargets) button.disabled = isFixed;
  }

  drawSending() {
    const { sender } = this;
    this.barTarget.value = 100 * sender.share;
    this.sentTarget.textContent = sender.retrying
      ? `${sender.retrying} Trying again…`
      : `${fileSize(sender.sentBytes)} of ${fileSize(sender.bytes)}, ${sender.doneFiles.toLocaleString("en")} of ${plural(sender.files, "file")} sent`;
    this.estimateTarget.textContent = sender.rate
      ? `${fileSize(sender.rate)}/s, about ${duration(sender.secondsLeft)} left`
      : "";
    this.problemsTarget.hidden = sender.problems.length === 0;
    this.problemsTitleTarget.textContent = `${plural(sender.problems.length, "file")} could not be sent`;
    this.problemListTarget.replaceChildren(
      ...sender.problems.map(({ name, error }) => {
        const line = document.createElement("li");
        line.textContent = error.includes(name) ? error : `${name}: ${error}`;
        return line;
      }),
    );
  }

  fail(sentence) {
    this.chosenTarget.hidden = false;
    this.errorTarget.hidden = false;
    this.errorTarget.textContent = sentence;
  }

  // Leaving the page would cut the upload off.
  guard(event) {
    if (this.isSending) event.preventDefault();
  }
}

// The places of a few files to show: some that do not fit, if there are any, and some that do.
function mostTelling(outlook) {
  const places = [...outlook.keys()];
  const bad = places.filter((i) => outlook[i].problem).slice(0, SHOWN / 2);
  const good = places.filter((i) => !outlook[i].problem).slice(0, SHOWN - bad.length);
  return [...bad, ...good];
}

export function sentenceAbout(outlook) {
  const bad = outlook.filter(({ problem }) => problem);
  if (!bad.length) return "";
  const count = bad.length === outlook.length ? `None of the ${plural(outlook.length, "file")}` : `${plural(bad.length, "file")} of ${outlook.length.toLocaleString("en")}`;
  const says = bad.length === outlook.length ? "gives a text that fits" : bad.length === 1 ? "gives no text that fits" : "give no text that fits";
  return `${count} ${says} this project: ${bad[0].problem} They come in without a text, to be typed on the Label page.`;
}
