import { expect, test } from "vitest";

import { differingPlaces } from "../../../webapp/static/reviewing/differences.js";

const places = (...texts) => [...differingPlaces(texts)];

test("the places where texts of one length differ are marked", () => {
  expect(places("1O3", "103")).toEqual([1]);
  expect(places("123", "124", "523")).toEqual([0, 2]);
});

test("texts of several lengths are not lined up", () => {
  expect(places("123", "12")).toEqual([]);
});

test("an unreadable image is no text to compare with", () => {
  expect(places("123", "")).toEqual([]);
  expect(places("123", "", "124")).toEqual([2]);
});

test("a single text differs from nothing", () => {
  expect(places("123")).toEqual([]);
  expect(places()).toEqual([]);
});

test("characters outside the basic plane count once", () => {
  expect(places("𝟙a", "𝟙b")).toEqual([1]);
});
