import { afterEach, expect, test } from "vitest";

import SearchEstimateController from "../../webapp/static/controllers/search_estimate_controller.js";
import { startController } from "./start_controller.js";

const html = (workers) => `<form data-controller="search-estimate" data-search-estimate-workers-value="${workers}"
    data-action="input->search-estimate#draw">
  <input type="number" value="20" data-search-estimate-target="trials">
  <input type="number" value="3" data-search-estimate-target="minutes">
  <input type="number" data-search-estimate-target="budget">
  <p data-search-estimate-target="estimate"></p></form>`;
let application, element;

async function start(workers) {
  ({ application, element } = await startController("search-estimate", SearchEstimateController, html(workers)));
}

function type(target, value) {
  const input = element.querySelector(`[data-search-estimate-target=${target}]`);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

const said = () => element.querySelector("p").textContent;

afterEach(() => application.stop());

test("trials are shared out among the workers at hand", async () => {
  await start(2);
  expect(said()).toContain("At most 1 h of training, which takes 2 workers about 30 min.");
});

test("a budget bounds the estimate", async () => {
  await start(1);
  type("budget", "15");
  expect(said()).toContain("At most 15 min of training, one after the other");
});

test("without a worker it says that the search waits", async () => {
  await start(0);
  expect(said()).toContain("no worker trains right now");
});

test("an empty field asks for a number", async () => {
  await start(2);
  type("trials", "");
  expect(said()).toContain("Say how many trials");
});
