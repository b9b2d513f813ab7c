// Requests that controllers make themselves. Answers that say no become Errors with a sentence for people.

export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

export function csrfToken() {
  return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";
}

export function toast(message, kind = "info") {
  document.dispatchEvent(new CustomEvent("toast", { detail: { message, kind } }));
}

// Sends a request and returns its JSON. Throws Refusal where the server said no (with its own sentence where it gave
// one) and TypeError where it could not be reached.
export async function requestJson(url, { method = "GET", body, headers = {}, signal, keepalive } = {}) {
  const response = await fetch(url, {
    method,
    body,
    signal,
    keepalive,
    credentials: "same-origin",
    headers: { Accept: "application/json", "X-CSRFToken": csrfToken(), ...headers },
  });
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in")) {
    throw new Refusal("You are signed out. Sign in again in another tab, then go on here.", 401);
  }
  const data = await response.json().catch(() => null);
  if (!response.ok) throw new Refusal(data?.error ?? sentenceFor(response.status), response.status);
  return data;
}

export function postJson(url, data, options = {}) {
  const headers = { "Content-Type": "application/json" };
  return requestJson(url, { ...options, method: "POST", body: JSON.stringify(data), headers });
}

export function postForm(url, formData, options = {}) {
  return requestJson(url, { ...options, method: "POST", body: formData });
}

export function sentenceFor(status) {
  if (status === 403) return "You may not do this here, or the page is too old. Reload it and try again.";
  if (status === 404) return "This is gone. Someone may have deleted it meanwhile. Reload the page.";
  if (status === 413) return "This is too large for the server.";
  if (status >= 500) return "The server failed at this. Try again; if it stays, its log says why.";
  return `The server refused this (status ${status}).`;
}
