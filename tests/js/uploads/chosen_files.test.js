import { expect, test } from "vitest";

import { fromDrop, fromInput, isLitter } from "../../../webapp/static/uploads/chosen_files.js";

function fileEntry(path) {
  return { isFile: true, fullPath: path, file: (resolve) => resolve(new File(["x"], path.split("/").pop())) };
}

function folderEntry(children) {
  // Browsers hand out a folder in portions and end with an empty one.
  const portions = [children.slice(0, 1), children.slice(1), []];
  return { isFile: false, createReader: () => ({ readEntries: (resolve) => resolve(portions.shift()) }) };
}

test("files from a folder picker carry their path, single files their name", () => {
  const single = new File(["x"], "a.png");
  const inFolder = Object.defineProperty(new File(["x"], "b.png"), "webkitRelativePath", { value: "train/7/b.png" });
  expect(fromInput([single, inFolder]).map(({ name }) => name)).toEqual(["a.png", "train/7/b.png"]);
});

test("a dropped folder is walked to its last file", async () => {
  const tree = folderEntry([fileEntry("/train/a.png"), folderEntry([fileEntry("/train/7/b.png"), fileEntry("/train/7/c.png")])]);
  const found = await fromDrop({ items: [{ webkitGetAsEntry: () => tree }], files: [] });
  expect(found.map(({ name }) => name)).toEqual(["train/a.png", "train/7/b.png", "train/7/c.png"]);
});

test("what systems leave in folders is litter, pictures are not", () => {
  for (const name of [".DS_Store", "train/.DS_Store", "__MACOSX/x.png", "a/Thumbs.db", ".git/config"]) {
    expect(isLitter(name), name).toBe(true);
  }
  for (const name of ["a.png", "train/7/x.png", "a.b.png"]) expect(isLitter(name), name).toBe(false);
});
