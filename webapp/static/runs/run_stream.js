// All there is to know of a run, past and coming: the history at once, then server-sent events from where it ends. The
// browser reconnects by itself and names the last event that it has, so nothing is missed and nothing comes twice.
import { requestJson } from "../http.js";

const HISTORY_AGAIN_AFTER = 3000;

export class RunStream {
  // on: { history(columns, use), epoch(epoch), state(state), use(sample), readings(epoch), lost(isLost), done(state) }
  constructor(historyUrl, eventsUrl, on) {
    Object.assign(this, { historyUrl, eventsUrl, on });
    this.start();
  }

  async start() {
    const cursor = await this.loadHistory();
    if (cursor === null || this.isClosed) return;
    this.source = new EventSource(`${this.eventsUrl}?after=${cursor}`);
    const listen = (type, take) => this.source.addEventListener(type, (event) => take(event.data && JSON.parse(event.data)));
    listen("open", () => this.on.lost(false));
    listen("error", () => this.on.lost(true));
    for (const type of ["state", "use", "readings"]) listen(type, (data) => this.on[type](data));
    listen("epoch", (epoch) => {
      this.meanwhile?.push(epoch);
      this.on.epoch(epoch);
    });
    // Epochs that were told already are others now: a run that began anew.
    listen("rewritten", () => this.loadHistory());
    listen("done", (state) => this.end(state));
  }

  // Returns up to where the history reaches; tries until the server answers, or null where it never will.
  async loadHistory() {
    // Epochs that come while the history is on its way may be newer than it.
    this.meanwhile = [];
    while (!this.isClosed) {
      try {
        const { cursor, epochs, use } = await requestJson(this.historyUrl);
        if (this.isClosed) return null;
        this.on.history(epochs, use);
        for (const epoch of this.meanwhile) this.on.epoch(epoch);
        this.meanwhile = null;
        return cursor;
      } catch (error) {
        if (error.status >= 400 && error.status < 500) return null;
        this.on.lost(true);
        await new Promise((resolve) => (this.waiting = setTimeout(resolve, HISTORY_AGAIN_AFTER)));
      }
    }
    return null;
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
