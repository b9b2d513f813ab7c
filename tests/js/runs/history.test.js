import { expect, test } from "vitest";

import { History } from "../../../webapp/static/runs/history.js";

function historyOf(...accuracies) {
  const history = new History();
  accuracies.forEach((accuracy, index) => history.add({ number: index + 1, validation_whole_string_accuracy: accuracy }));
  return history;
}

test("columns line up with the epochs", () => {
  expect(historyOf(0.1, 0.5).columns).toEqual({ number: [1, 2], validation_whole_string_accuracy: [0.1, 0.5] });
});

test("the best epoch is the first that read the most", () => {
  expect(historyOf(0.1, 0.9, 0.9, 0.4).best).toEqual({ accuracy: 0.9, number: 2 });
  expect(historyOf().best).toBeNull();
});

test("a history that came at once goes on with single epochs", () => {
  const history = new History();
  history.load({ number: [1, 2], validation_whole_string_accuracy: [0.1, 0.9] });
  history.add({ number: 3, validation_whole_string_accuracy: 0.5 });
  expect([history.columns.number, history.best.number, history.last]).toEqual([
    [1, 2, 3], 2, { number: 3, validation_whole_string_accuracy: 0.5 },
  ]);
});

test("of an epoch that is known already the newer version counts", () => {
  const history = historyOf(0.1, 0.9, 0.5);
  history.add({ number: 2, validation_whole_string_accuracy: 0.4 });
  expect(history.columns.validation_whole_string_accuracy).toEqual([0.1, 0.4, 0.5]);
  expect(history.best.number).toBe(3);
});

test("the newest epochs come first", () => {
  expect(historyOf(0.1, 0.2, 0.3).newest(2).map(({ number }) => number)).toEqual([3, 2]);
});

test("ten thousand epochs are kept", () => {
  const history = new History();
  for (let number = 1; number <= 10_000; number++) history.add({ number, validation_whole_string_accuracy: 0.5 });
  expect([history.length, history.best.number]).toEqual([10_000, 1]);
});
