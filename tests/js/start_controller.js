// Puts HTML into the page and starts one controller on it; returns the controller.
import { Application } from "/static/vendor/stimulus/stimulus.js";

export async function startController(name, controllerClass, html) {
  document.body.innerHTML = html;
  const application = Application.start();
  application.register(name, controllerClass);
  await new Promise((resolve) => setTimeout(resolve));
  const element = document.querySelector(`[data-controller~=${name}]`);
  return { application, element, controller: application.getControllerForElementAndIdentifier(element, name) };
}

export const settled = () => new Promise((resolve) => setTimeout(resolve));
