// Short news at the lower edge. Any code may send some:
//   document.dispatchEvent(new CustomEvent("toast", { detail: { message, kind } }))   kind: info, success, warning, error
// and so may a view, through the header HX-Trigger: {"toast": {"message": "...", "kind": "success"}}.
import { Controller } from "/static/vendor/stimulus/stimulus.js";

const SECONDS = { info: 6, success: 5, warning: 10 };

export default class extends Controller {
  static targets = ["template", "toast"];

  toastTargetConnected(toast) {
    const kind = [...toast.classList].find((name) => name.startsWith("toast-"))?.slice("toast-".length) ?? "info";
    // Errors stay until they are closed: they say what to do, and reading takes as long as it takes.
    if (SECONDS[kind]) setTimeout(() => toast.remove(), SECONDS[kind] * 1000);
  }

  show({ detail: { message, kind = "info" } }) {
    const toast = this.templateTarget.content.firstElementChild.cloneNode(true);
    toast.classList.add(`toast-${kind}`);
    toast.querySelector("p").textContent = message;
    this.element.append(toast);
  }

  close(event) {
    event.target.closest("[data-toasts-target~=toast]").remove();
  }
}
