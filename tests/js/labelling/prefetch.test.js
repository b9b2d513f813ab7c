import { expect, test } from "vitest";

import { Prefetch } from "../../../webapp/static/labelling/prefetch.js";

// A queue of unlabelled images as the server keeps it.
function queueOf(count, more = {}) {
  const server = { left: Array.from({ length: count }, (_, index) => index + 1), asked: [], decoded: [] };
  const prefetch = new Prefetch({
    fetchBatch: async (excluded) => {
      server.asked.push(excluded);
      const images = server.left.filter((id) => !excluded.includes(id)).slice(0, 20);
      return { images: images.map((id) => ({ id, url: `/${id}` })) };
    },
    decode: async (url) => {
      server.decoded.push(url);
      return `picture ${url}`;
    },
    ...more,
  });
  return { server, prefetch };
}

test("pictures are decoded long before they are shown", async () => {
  const { server, prefetch } = queueOf(30);
  const first = await prefetch.next();
  expect(first).toMatchObject({ id: 1, picture: "picture /1" });
  expect(server.decoded).toHaveLength(20);
});

test("every image comes once, in order, until none is left", async () => {
  const { server, prefetch } = queueOf(45);
  const seen = [];
  for (let item = await prefetch.next(); item; item = await prefetch.next()) {
    seen.push(item.id);
    server.left = server.left.filter((id) => id !== item.id);
  }
  expect(seen).toEqual(Array.from({ length: 45 }, (_, index) => index + 1));
});

test("images that are in use elsewhere on the page are not handed out again", async () => {
  const { prefetch } = queueOf(3, { held: () => [1, 2] });
  expect((await prefetch.next()).id).toBe(3);
});

test("an image that is put back is the next one", async () => {
  const { prefetch } = queueOf(30);
  const first = await prefetch.next();
  expect((await prefetch.next()).id).toBe(2);
  prefetch.putBack(first);
  expect((await prefetch.next()).id).toBe(1);
  expect((await prefetch.next()).id).toBe(3);
});

test("a refill that fails while images are left does not stop the work", async () => {
  let fails = false;
  const { prefetch } = queueOf(12);
  const fetchBatch = prefetch.fetchBatch;
  prefetch.fetchBatch = (excluded) => (fails ? Promise.reject(new TypeError("offline")) : fetchBatch(excluded));
  await prefetch.next();
  fails = true;
  for (let count = 2; count <= 12; count++) expect((await prefetch.next()).id).toBe(count);
  await expect(prefetch.next()).rejects.toThrow("offline");
});

test("images whose lease ran out are asked for anew", async () => {
  let time = 0;
  const { server, prefetch } = queueOf(25, { now: () => time });
  await prefetch.next();
  time += 11 * 60_000;
  server.left = [24, 25];
  expect((await prefetch.next()).id).toBe(24);
});

test("asking for more renews the leases of those that are held", async () => {
  let time = 0;
  const { prefetch } = queueOf(40, { now: () => time });
  for (let count = 1; count <= 8; count++) await prefetch.next();
  time += 5 * 60_000;
  for (let count = 9; count <= 12; count++) await prefetch.next();
  time += 8 * 60_000;
  expect((await prefetch.next()).id).toBe(13);
});
