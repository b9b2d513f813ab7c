// What every htmx request needs: people hear about failures, and a lost session leads to the sign-in page instead of
// putting that page into a fragment. Pages that nobody looks at do not poll.
import { sentenceFor, toast } from "./http.js";

const isQuiet = (element) => element.closest("[data-quiet-errors]") !== null;

export function watchHtmx(root = document) {
  root.addEventListener("htmx:beforeSwap", (event) => {
    const answeredBy = event.detail.xhr?.responseURL;
    if (answeredBy && new URL(answeredBy, location.href).pathname.startsWith("/sign-in")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
  root.addEventListener("htmx:beforeRequest", (event) => {
    const polls = event.target.getAttribute?.("hx-trigger")?.includes("every");
    if (polls && document.hidden) event.preventDefault();
  });
  root.addEventListener("htmx:responseError", (event) => {
    if (!isQuiet(event.target)) toast(sentenceFor(event.detail.xhr.status), "error");
  });
  root.addEventListener("htmx:sendError", (event) => {
    if (!isQuiet(event.target)) toast("The server cannot be reached. Check that it is running, then try again.", "error");
  });
}
