import { expect, test } from "vitest";

import TabsController from "../../webapp/static/controllers/tabs_controller.js";
import { startController } from "./start_controller.js";

test("the current tab is scrolled into the middle of a narrow bar", async () => {
  const { application, element, controller } = await startController(
    "tabs",
    TabsController,
    '<nav data-controller="tabs"><a>One</a><a aria-current="page">Two</a></nav>',
  );
  const current = element.querySelector("[aria-current]");
  // jsdom lays nothing out.
  Object.defineProperty(current, "offsetLeft", { value: 500 });
  Object.defineProperty(current, "offsetWidth", { value: 60 });
  Object.defineProperty(element, "clientWidth", { value: 300 });
  controller.connect();
  expect(element.scrollLeft).toBe(380);
  application.stop();
});
