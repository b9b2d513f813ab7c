import { expect, test } from "vitest";

import { History } from "../../../webapp/static/runs/history.js";

function historyOf(...accuracies) {
  const history = new History();
  accuracies.forEach((accuracy, index) => history.add({ number: index + 1, validation_whole_string_accuracy: accuracy }));
  return history;
}

test("columns line up with the epochs", () => {
  expect(historyOf(0.1, 0.5).columns("validation_whole_string_accuracy")).toEqual([[1, 2], [0.1, 0.5]]);
});

test("the best epoch is the first that read the most", () => {
  expect(historyOf(0.1, 0.9, 0.9, 0.4).best.number).toBe(2);
  expect(historyOf().best).toBeNull();
});

test("a resumed run replaces the epochs from its checkpoint on", () => {
  const history = historyOf(0.1, 0.5, 0.9);
  history.add({ number: 2, validation_whole_string_accuracy: 0.6 });
  expect(history.columns("validation_whole_string_accuracy")).toEqual([[1, 2], [0.1, 0.6]]);
});
