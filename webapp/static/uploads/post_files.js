// Sends one batch of files. XMLHttpRequest, because fetch does not tell how far an upload has come.
import { Refusal, csrfToken, sentenceFor } from "../http.js";

// Resolves with the server's JSON. Rejects with Refusal where it said no, with TypeError where it was not reached.
export function postFiles(url, batch, { again = false, onProgress = () => {} } = {}) {
  const form = new FormData();
  for (const { name, file } of batch) {
    form.append("names", name);
    form.append("files", file, name.split("/").pop());
  }
  if (again) form.append("again", "1");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("error", () => reject(new TypeError("The server cannot be reached.")));
    request.addEventListener("load", () => {
      if (new URL(request.responseURL, location.href).pathname.startsWith("/sign-in")) {
        reject(new Refusal("You are signed out. Sign in again in another tab, then go on here.", 401));
      } else if (request.status >= 200 && request.status < 300 && request.response) {
        resolve(request.response);
      } else {
        reject(new Refusal(request.response?.error ?? sentenceFor(request.status), request.status));
      }
    });
    request.send(form);
  });
}
