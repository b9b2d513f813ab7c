// Sends image files and returns the HTML of their cards. Throws Errors with sentences for people.
import { csrfToken, sentenceFor } from "../http.js";

export async function postFiles(url, files) {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.name || "pasted.png");
  let response;
  try {
    response = await fetch(url, { method: "POST", body: form, credentials: "same-origin", headers: { "X-CSRFToken": csrfToken() } });
  } catch {
    throw new Error("The server cannot be reached. Check that it is running.");
  }
  if (response.redirected) throw new Error("You are signed out. Sign in again in another tab, then try again here.");
  const text = await response.text();
  if (response.ok) return text;
  const isSentence = response.headers.get("Content-Type")?.startsWith("text/plain");
  throw new Error(isSentence ? text : sentenceFor(response.status));
}
