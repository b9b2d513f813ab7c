import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { RunStream } from "../../../webapp/static/runs/run_stream.js";
import { Line } from "../line.js";

const epoch = (number) => ({ number, loss: 1 / number });
let stream, told, answers;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Line);
  told = [];
  answers = [];
  vi.stubGlobal("fetch", async () => {
    const next = await answers.shift();
    if (next === undefined) throw new TypeError("no network");
    return { ok: next.status === undefined, status: next.status ?? 200, url: "http://localhost/", json: async () => next };
  });
});

afterEach(() => {
  stream.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const history = (cursor, ...numbers) => ({ cursor, epochs: { number: numbers, loss: numbers.map(() => 1) }, use: null });

async function watch(...given) {
  answers.push(...given);
  const tell = (name) => (...what) => told.push([name, ...what]);
  stream = new RunStream("/history/", "/events/", {
    history: (columns) => told.push(["history", ...columns.number]),
    epoch: ({ number }) => told.push(["epoch", number]),
    state: tell("state"), use: tell("use"), readings: tell("readings"), rounds: tell("rounds"), lost: tell("lost"), done: tell("done"),
  });
  await vi.advanceTimersByTimeAsync(0);
}

test("events begin behind the history", async () => {
  await watch(history(17, 1, 2, 3));
  expect([told, Line.last.url]).toEqual([[["history", 1, 2, 3]], "/events/?after=17"]);
});

test("an epoch that the history holds already is not told again", async () => {
  await watch(history(17, 1, 2));
  Line.last.bring("epoch", epoch(2), 17);
  Line.last.bring("epoch", epoch(3), 18);
  expect(told).toEqual([["history", 1, 2], ["epoch", 3]]);
});

test("a run that began anew has its history loaded again, and loses no epoch that came meanwhile", async () => {
  await watch(history(17, 1, 2, 3));
  let answer;
  answers.push(new Promise((resolve) => (answer = resolve)));
  Line.last.bring("epoch", epoch(1), 21);
  Line.last.bring("epoch", epoch(2), 22);
  Line.last.bring("epoch", epoch(3), 23);
  answer(history(22, 1, 2));
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual([["history", 1, 2, 3], ["history", 1, 2], ["epoch", 3]]);
});

test("a server that is away is asked until it answers", async () => {
  await watch();
  expect(told).toEqual([["lost", true]]);
  answers.push(history(0));
  await vi.advanceTimersByTimeAsync(3000);
  expect(told.at(-1)).toEqual(["history"]);
});

test("a server that says no is not asked again", async () => {
  await watch({ status: 404 });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(told).toEqual([]);
});

test("at the end the history is loaded once more, and the line is closed", async () => {
  await watch(history(17, 1, 2));
  answers.push(history(17, 1));
  Line.last.bring("done", { state: "done" });
  await vi.advanceTimersByTimeAsync(0);
  expect(told.slice(1)).toEqual([["history", 1], ["done", { state: "done" }]]);
  expect(Line.last.isClosed).toBe(true);
});

test("a lost line is told until it is back", async () => {
  await watch(history(0));
  Line.last.dispatchEvent(new Event("error"));
  Line.last.dispatchEvent(new Event("open"));
  expect(told.slice(1)).toEqual([["lost", true], ["lost", false]]);
});
