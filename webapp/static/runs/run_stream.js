// All there is to know of a run, past and coming: the history at once, then server-sent events from where it ends. The
// browser reconnects by itself and names the last event that it has, so nothing is missed and nothing comes twice.
import { requestJson } from "../http.js";

const HISTORY_AGAIN_AFTER = 3000;

export class RunStream {
  // on: { history(columns, use), epoch(epoch), state(state), use(sample), readings(version), rounds(version),
  // without_labels(version), lost(isLost), done(state) }
  constructor(historyUrl, eventsUrl, on) {
    Object.assign(this, { historyUrl, eventsUrl, on });
    this.cursor = 0;
    this.last = 0;
    this.started = this.start();
  }

  async start() {
    if (!(await this.loadHistory())) return;
    this.source = new EventSource(`${this.eventsUrl}?after=${this.cursor}`);
    this.source.addEventListener("open", () => this.on.lost(false));
    this.source.addEventListener("error", () => this.on.lost(true));
    for (const type of ["state", "use", "readings", "rounds", "without_labels"]) {
      this.source.addEventListener(type, ({ data }) => this.on[type](JSON.parse(data)));
    }
    this.source.addEventListener("epoch", ({ data, lastEventId }) => this.takeEpoch(JSON.parse(data), Number(lastEventId)));
    this.source.addEventListener("done", ({ data }) => this.end(JSON.parse(data)));
  }

  takeEpoch(epoch, id) {
    // A history that was loaded meanwhile has it already.
    if (id <= this.cursor) return;
    if (this.isLoading) this.missed.push([epoch, id]);
    else if (epoch.number <= this.last) this.loadHistory();
    else this.add(epoch, id);
  }

  add(epoch, id) {
    this.cursor = id;
    this.last = epoch.number;
    this.on.epoch(epoch);
  }

  // Asks until the server answers; also when epochs that were told already are others now, because the run began anew.
  // Returns whether there is a history: not where the server says that there never will be, or the page is left.
  async loadHistory() {
    if (this.isLoading) return false;
    this.isLoading = true;
    this.missed = [];
    try {
      while (!this.isClosed) {
        const history = await this.ask();
        if (history === null || this.isClosed) return false;
        if (history) {
          this.take(history);
          return true;
        }
        this.on.lost(true);
        await new Promise((resolve) => (this.waiting = setTimeout(resolve, HISTORY_AGAIN_AFTER)));
      }
      return false;
    } finally {
      this.isLoading = false;
    }
  }

  // Returns the history, undefined where the server could not be reached, null where it says no.
  async ask() {
    try {
      return await requestJson(this.historyUrl);
    } catch (error) {
      return error.status >= 400 && error.status < 500 ? null : undefined;
    }
  }

  take({ cursor, epochs, use }) {
    this.cursor = Math.max(this.cursor, cursor);
    this.last = epochs.number.at(-1) ?? 0;
    this.on.history(epochs, use);
    for (const [epoch, id] of this.missed) if (id > this.cursor) this.add(epoch, id);
  }

  async end(state) {
    this.source.close();
    // What was rewritten at the very end.
    await this.loadHistory();
    if (!this.isClosed) this.on.done(state);
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.waiting);
    this.source?.close();
  }
}
