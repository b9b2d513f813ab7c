import { expect, test, vi } from "vitest";

import { Refusal } from "../../../webapp/static/http.js";
import { Sender } from "../../../webapp/static/uploads/sender.js";

const batch = (...names) => names.map((name) => ({ name, file: { size: 10 } }));
const taken = (files) => ({ files: files.map(({ name }) => ({ name, error: "" })) });
const wait = () => Promise.resolve();

test("every batch arrives once, at most two at a time", async () => {
  let atOnce = 0;
  let most = 0;
  const send = vi.fn(async (files) => {
    most = Math.max(most, ++atOnce);
    await Promise.resolve();
    atOnce--;
    return taken(files);
  });
  const sender = new Sender([batch("a"), batch("b"), batch("c"), batch("d")], send, { wait });
  await sender.run();
  expect(send.mock.calls.map(([files]) => files[0].name).sort()).toEqual(["a", "b", "c", "d"]);
  expect(most).toBe(2);
  expect(sender.doneFiles).toBe(4);
  expect(sender.share).toBe(1);
});

test("a broken connection is tried again with growing pauses, saying that the files may be there already", async () => {
  const pauses = [];
  const send = vi.fn().mockRejectedValueOnce(new TypeError("gone")).mockRejectedValueOnce(new Refusal("busy", 503));
  send.mockImplementation(async (files) => taken(files));
  const sender = new Sender([batch("a")], send, { wait: async (seconds) => pauses.push(seconds) });
  await sender.run();
  expect(pauses).toEqual([1, 2]);
  expect(send.mock.calls.map(([, { again }]) => again)).toEqual([false, true, true]);
  expect(sender.doneFiles).toBe(1);
});

test("files that the server refuses are listed and the rest goes through", async () => {
  const send = async (files) => {
    if (files[0].name === "big") throw new Refusal("This is too large for the server.", 413);
    return { files: files.map(({ name }) => ({ name, error: name === "late" ? "came too late" : "" })) };
  };
  const sender = new Sender([batch("big"), batch("a", "late")], send, { wait });
  await sender.run();
  expect(sender.problems).toEqual([
    { name: "big", error: "This is too large for the server." },
    { name: "late", error: "came too late" },
  ]);
  expect(sender.doneFiles).toBe(3);
});

test("an upload that cannot go on keeps what is left and goes on where it stopped", async () => {
  let isThere = false;
  const send = vi.fn(async (files) => {
    if (files[0].name !== "a" && !isThere) throw new TypeError("gone");
    return taken(files);
  });
  const sender = new Sender([batch("a"), batch("b"), batch("c")], send, { wait });
  await expect(sender.run()).rejects.toThrow("gone");
  expect(sender.doneFiles).toBe(1);
  isThere = true;
  send.mockClear();
  await sender.run();
  expect(send.mock.calls.map(([files]) => files[0].name).sort()).toEqual(["b", "c"]);
  expect(sender.doneFiles).toBe(3);
});

test("a lost session is not tried again in vain", async () => {
  const send = vi.fn().mockRejectedValue(new Refusal("You are signed out.", 401));
  await expect(new Sender([batch("a")], send, { wait }).run()).rejects.toThrow("signed out");
  expect(send).toHaveBeenCalledTimes(1);
});

test("rate and estimate follow the bytes that were sent", async () => {
  let time = 0;
  const seen = [];
  const send = async (files, { onProgress }) => {
    time = 2000;
    onProgress(5);
    return taken(files);
  };
  const sender = new Sender([batch("a"), batch("b")], send, {
    wait,
    now: () => time,
    onChange: (each) => seen.push([each.rate, each.secondsLeft]),
  });
  await sender.run();
  expect(seen[0]).toEqual([2.5, 6]);
});
