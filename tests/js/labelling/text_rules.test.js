import { expect, test } from "vitest";

import { TextRules } from "../../../webapp/static/labelling/text_rules.js";

const five = new TextRules({ alphabet: "ABC123", minLength: 5, maxLength: 5, caseSensitive: false });
const range = new TextRules({ alphabet: "aAb", minLength: 2, maxLength: 4, caseSensitive: true });

test("characters take the case that the alphabet has", () => {
  expect(five.fit("ab1")).toEqual({ text: "AB1", refused: [], tooLong: false });
});

test("where case matters, it is kept", () => {
  expect(range.fit("aA").text).toBe("aA");
  expect(range.fit("B").refused).toEqual(["B"]);
});

test("characters outside the alphabet are refused and left out", () => {
  expect(five.fit("a!2 ")).toEqual({ text: "A2", refused: ["!", " "], tooLong: false });
});

test("a fixed length is complete by itself, and only then", () => {
  expect(five.commitsByItself("AB12")).toBe(false);
  expect(five.commitsByItself("AB123")).toBe(true);
});

test("a range never commits by itself, not even at its end", () => {
  expect(range.commitsByItself("aAba")).toBe(false);
  expect(range.isComplete("a")).toBe(false);
  expect(range.isComplete("aAb")).toBe(true);
  expect(range.missing("a")).toBe("One more character: the shortest text has 2.");
});

test("what is too long is cut, and said", () => {
  expect(range.fit("aAbaA")).toEqual({ text: "aAba", refused: [], tooLong: true });
});

test("characters beyond the basic plane and composed ones count as one", () => {
  const rules = new TextRules({ alphabet: "é😀", minLength: 2, maxLength: 2, caseSensitive: true });
  expect(rules.fit("e\u0301😀").text).toBe("é😀");
  expect(rules.commitsByItself("é😀")).toBe(true);
});
