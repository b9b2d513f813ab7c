// The outbox of the Label page: what was typed is kept in the browser's storage until the server has it.
//
// Every operation ({ kind, key, ... }) is one entry of its own in the storage, so that two tabs never overwrite each
// other's. They are sent one after the other, in order. A save carries its own key (a UUID), so sending it twice -
// after a lost answer, a reload, or from a second tab - counts once.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;
// Signed out, or signed in anew so that the page's token is too old: what was typed waits for the next visit.
const NEEDS_SIGN_IN = [401, 403];
let last = 0;

export class SaveQueue {
  // send(operation): a promise; rejects with an error whose `status` is the server's answer, or without one where the
  //   server could not be reached.
  // onChange(state, count): state is "saved", "saving", "offline" or "signed-out".
  // onSent(operation, answer): the server has it, and said this.
  // onRefused(operation, message): the server will never take it; it is dropped.
  constructor({ storage, prefix, send, onChange = () => {}, onSent = () => {}, onRefused = () => {}, wait = sleep }) {
    Object.assign(this, { storage, prefix, send, onChange, onSent, onRefused, wait });
    this.operations = this.stored();
    this.state = "saved";
    this.sending = null;
    this.isStopped = false;
    this.wakeUp = () => {};
  }

  get size() {
    return this.operations.length;
  }

  // Ids of the images whose saves are still under way: the server would hand them out again.
  get imageIds() {
    return this.operations.map(({ operation }) => operation.image).filter((id) => id !== undefined);
  }

  add(operation) {
    const name = this.newName();
    this.operations.push({ name, operation });
    try {
      this.storage.setItem(name, JSON.stringify(operation));
    } catch {
      // A full or forbidden storage costs only the protection against a reload.
    }
    if (this.state !== "saved") this.tell(this.state);
    return this.flush();
  }

  // Takes back a save: forgotten where no attempt was made to send it, undone at the server otherwise.
  undo(key) {
    const waiting = this.operations.find(({ operation, tried }) => operation.key === key && !tried);
    if (!waiting) return this.add({ kind: "undo", key });
    this.forget(waiting);
    this.tell(this.size ? this.state : "saved");
    return Promise.resolve();
  }

  // Sends what waits. Returns a promise that is fulfilled when everything is sent.
  flush() {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  // The connection may be back: try at once instead of waiting.
  retryNow() {
    this.wakeUp();
    return this.flush();
  }

  // The page goes. What is not sent by then stays in the storage, for the outbox of the next one.
  stop() {
    this.isStopped = true;
    this.wakeUp();
  }

  async sendAll() {
    let pause = FIRST_WAIT;
    while (this.operations.length) {
      if (this.isStopped) return;
      const entry = this.operations[0];
      if (this.state === "saved" || this.state === "saving") this.tell("saving");
      // A lost answer leaves open whether the server has it: from now on only the server can take it back.
      entry.tried = true;
      try {
        const answer = await this.send(entry.operation);
        this.forget(entry);
        this.onSent(entry.operation, answer);
        this.state = "saving";
        pause = FIRST_WAIT;
      } catch (error) {
        if (isFinal(error.status)) {
          this.forget(entry);
          this.onRefused(entry.operation, error.message);
          continue;
        }
        this.tell(NEEDS_SIGN_IN.includes(error.status) ? "signed-out" : "offline");
        await Promise.race([this.wait(pause), new Promise((resolve) => (this.wakeUp = resolve))]);
        pause = Math.min(pause * 2, LONGEST_WAIT);
      }
    }
    this.tell("saved");
  }

  forget(entry) {
    this.operations = this.operations.filter((one) => one !== entry);
    try {
      this.storage.removeItem(entry.name);
    } catch {
      // See add().
    }
  }

  tell(state) {
    this.state = state;
    this.onChange(state, this.size);
  }

  newName() {
    // Names sort in the order of time, also within one millisecond.
    last = Math.max(Date.now(), last + 0.001);
    return this.prefix + last.toFixed(3).padStart(18, "0");
  }

  stored() {
    try {
      const names = Object.keys(this.storage).filter((name) => name.startsWith(this.prefix));
      return names.sort().map((name) => ({ name, operation: JSON.parse(this.storage.getItem(name)), tried: true }));
    } catch {
      return [];
    }
  }
}

// 4xx means that trying again would not help - but for a lost session, a time-out and "too many requests".
function isFinal(status) {
  return status >= 400 && status < 500 && ![...NEEDS_SIGN_IN, 408, 429].includes(status);
}

function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
