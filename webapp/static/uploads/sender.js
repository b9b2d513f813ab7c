// Sends batches, two at a time, and tries again with growing pauses when the way to the server breaks.

const PARALLEL = 2;
const PAUSES = [1, 2, 4, 8, 16];

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// Worth another try: the server was not reached, was too busy, or fell over.
function mayPass(error) {
  return error.status === undefined || error.status === 408 || error.status === 429 || error.status >= 500;
}

// Concerns the files of this batch, not the whole upload: the next batch may well pass.
function isAboutFiles(error) {
  return error.status === 400 || error.status === 413;
}

export class Sender {
  // send(batch, { again, onProgress }) returns { files: [{ name, error }] } or rejects as post_files.js does.
  constructor(batches, send, { onChange = () => {}, wait = pause, now = () => performance.now() } = {}) {
    this.waiting = batches.map((batch) => ({ batch, again: false, sent: 0, bytes: sizeOf(batch) }));
    this.send = send;
    this.onChange = onChange;
    this.wait = wait;
    this.now = now;
    this.bytes = this.waiting.reduce((sum, job) => sum + job.bytes, 0);
    this.files = batches.reduce((sum, batch) => sum + batch.length, 0);
    this.doneBytes = 0;
    this.doneFiles = 0;
    this.problems = [];
    this.retrying = "";
    this.running = new Set();
  }

  // Sends what is still waiting. Rejects where the upload cannot go on; calling it again goes on where it stopped.
  async run() {
    this.startedAt = this.now();
    this.bytesBefore = this.doneBytes;
    this.failure = null;
    await Promise.all(Array.from({ length: PARALLEL }, () => this.work()));
    if (this.failure) throw this.failure;
  }

  async work() {
    while (this.waiting.length && !this.failure) {
      const job = this.waiting.shift();
      this.running.add(job);
      try {
        const { files } = await this.deliver(job);
        this.problems.push(...files.filter(({ error }) => error).map(({ name, error }) => ({ name, error })));
        this.close(job);
      } catch (error) {
        if (isAboutFiles(error)) {
          this.problems.push(...job.batch.map(({ name }) => ({ name, error: error.message })));
          this.close(job);
        } else {
          this.failure ??= error;
          this.running.delete(job);
          job.sent = 0;
          this.waiting.unshift(job);
        }
      }
      this.onChange(this);
    }
  }

  async deliver(job) {
    for (let attempt = 0; ; attempt++) {
      try {
        const answer = await this.send(job.batch, {
          again: job.again,
          onProgress: (sent) => {
            job.sent = Math.min(sent, job.bytes);
            this.onChange(this);
          },
        });
        this.retrying = "";
        return answer;
      } catch (error) {
        // The files may have arrived although the answer did not.
        job.again = true;
        job.sent = 0;
        if (!mayPass(error) || attempt >= PAUSES.length || this.failure) throw error;
        this.retrying = error.message;
        this.onChange(this);
        await this.wait(PAUSES[attempt]);
      }
    }
  }

  close(job) {
    this.running.delete(job);
    this.doneBytes += job.bytes;
    this.doneFiles += job.batch.length;
  }

  get sentBytes() {
    return [...this.running].reduce((sum, job) => sum + job.sent, this.doneBytes);
  }

  get share() {
    return this.bytes ? this.sentBytes / this.bytes : this.doneFiles / Math.max(this.files, 1);
  }

  // Bytes per second since the (re)start, or null before anything is known.
  get rate() {
    const seconds = (this.now() - this.startedAt) / 1000;
    const sent = this.sentBytes - this.bytesBefore;
    return seconds > 0.5 && sent > 0 ? sent / seconds : null;
  }

  get secondsLeft() {
    return this.rate ? (this.bytes - this.sentBytes) / this.rate : null;
  }
}

function sizeOf(batch) {
  return batch.reduce((sum, { file }) => sum + file.size, 0);
}
