import { beforeEach, expect, test } from "vitest";

import { SaveQueue } from "../../../webapp/static/labelling/save_queue.js";

// A server that counts a key once, and an answer or a line that may be lost.
class Server {
  saved = new Map();
  undone = [];
  online = true;
  losesAnswers = false;
  refuses = null;

  receive = async (operation) => {
    if (!this.online) throw new TypeError("Failed to fetch");
    if (this.refuses) throw Object.assign(new Error("Not in the alphabet."), { status: this.refuses });
    if (operation.kind === "undo") this.undone.push(operation.key);
    else this.saved.set(operation.key, operation);
    if (this.losesAnswers) throw new TypeError("Failed to fetch");
  };
}

let server, states, refused, retry;

function outbox() {
  return new SaveQueue({
    storage: localStorage,
    prefix: "labels:1:2:",
    send: server.receive,
    onChange: (state, size) => states.push([state, size]),
    onRefused: (operation, message) => refused.push([operation.key, message]),
    // The test decides when to try again.
    wait: () => new Promise((resolve) => (retry = resolve)),
  });
}

const text = (key, image = 1) => ({ kind: "annotate", key, image, text: "12345" });
const turn = () => new Promise((resolve) => setTimeout(resolve));

beforeEach(() => {
  localStorage.clear();
  server = new Server();
  states = [];
  refused = [];
});

test("a text is sent, then forgotten", async () => {
  const queue = outbox();
  await queue.add(text("a"));
  expect([...server.saved.keys()]).toEqual(["a"]);
  expect(localStorage).toHaveLength(0);
  expect(states).toEqual([["saving", 1], ["saved", 0]]);
});

test("what the server answers is passed on", async () => {
  const answers = [];
  const queue = new SaveQueue({
    storage: localStorage,
    prefix: "labels:",
    send: async ({ key }) => ({ message: `hello ${key}` }),
    onSent: (operation, answer) => answers.push([operation.key, answer.message]),
  });
  await queue.add(text("a"));
  expect(answers).toEqual([["a", "hello a"]]);
});

test("a reload while the server is away loses nothing", async () => {
  server.online = false;
  const before = outbox();
  before.add(text("a", 1));
  before.add(text("b", 2));
  await turn();
  expect(states.at(-1)).toEqual(["offline", 2]);
  server.online = true;
  const after = outbox();
  expect(after.imageIds).toEqual([1, 2]);
  await after.flush();
  expect([...server.saved.keys()]).toEqual(["a", "b"]);
  expect(localStorage).toHaveLength(0);
});

test("a lost answer sends the same key again, so nothing counts twice", async () => {
  const queue = outbox();
  server.losesAnswers = true;
  const done = queue.add(text("a"));
  await turn();
  server.losesAnswers = false;
  retry();
  await done;
  expect(server.saved.size).toBe(1);
  expect(states.at(-1)).toEqual(["saved", 0]);
});

test("texts arrive in the order in which they were typed", async () => {
  const queue = outbox();
  queue.add(text("a"));
  queue.add(text("b"));
  await queue.add(text("c"));
  expect([...server.saved.keys()]).toEqual(["a", "b", "c"]);
});

test("a text that was never sent is undone without the server", async () => {
  server.online = false;
  const queue = outbox();
  queue.add(text("a"));
  queue.add(text("b"));
  await turn();
  await queue.undo("b");
  server.online = true;
  await queue.retryNow();
  expect([...server.saved.keys()]).toEqual(["a"]);
  expect(server.undone).toEqual([]);
});

test("a text that may have arrived is undone at the server, after it", async () => {
  server.losesAnswers = true;
  const queue = outbox();
  queue.add(text("a"));
  await turn();
  queue.undo("a");
  server.losesAnswers = false;
  await queue.retryNow();
  expect(server.saved.size).toBe(1);
  expect(server.undone).toEqual(["a"]);
});

test("what the server will never take is told and does not hold up the rest", async () => {
  server.refuses = 400;
  const queue = outbox();
  await queue.add(text("a"));
  server.refuses = null;
  await queue.add(text("b"));
  expect(refused).toEqual([["a", "Not in the alphabet."]]);
  expect([...server.saved.keys()]).toEqual(["b"]);
});

test("a lost session keeps the texts for after the sign-in", async () => {
  server.refuses = 401;
  const queue = outbox();
  queue.add(text("a"));
  await turn();
  expect(states.at(-1)).toEqual(["signed-out", 1]);
  expect(localStorage).toHaveLength(1);
  expect(refused).toEqual([]);
});

test("a page that goes leaves what is not sent to the next one", async () => {
  server.online = false;
  const before = outbox();
  before.add(text("a"));
  await turn();
  before.stop();
  server.online = true;
  retry();
  await turn();
  expect(server.saved.size).toBe(0);
  await outbox().flush();
  expect([...server.saved.keys()]).toEqual(["a"]);
});

test("two tabs never overwrite each other's entries", async () => {
  server.online = false;
  outbox().add(text("a"));
  outbox().add(text("b"));
  await turn();
  expect(localStorage).toHaveLength(2);
});

test("without any storage texts are still sent", async () => {
  const queue = new SaveQueue({
    storage: { setItem: () => { throw new DOMException("full", "QuotaExceededError"); }, removeItem: () => {} },
    prefix: "labels:",
    send: server.receive,
  });
  await queue.add(text("a"));
  expect(server.saved.size).toBe(1);
});
