// Which page of a person this is: a reload is the same page, and is handed its own images again; another tab is not.
import { randomUuid } from "./uuid.js";

const NAME = "label-page";

export function pageId(storage) {
  try {
    const known = storage.getItem(NAME) ?? randomUuid();
    storage.setItem(NAME, known);
    return known;
  } catch {
    // Without storage a reload is another page, and waits for its own leases to run out.
    return randomUuid();
  }
}
