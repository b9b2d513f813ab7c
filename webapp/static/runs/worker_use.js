// What a run's worker uses of its machine over time, as columns, in bounded size.

const MOST_SAMPLES = 1000;

export class WorkerUse {
  constructor() {
    this.load({ seconds: [] });
  }

  // columns: { seconds: since the run's first sample, own, machine, memory, gpu, gpu_memory }
  load(columns) {
    this.columns = columns;
  }

  // A sample that is known already, or older than the last one, changes nothing.
  add(sample) {
    const { seconds } = this.columns;
    if (seconds.length && sample.seconds <= seconds.at(-1)) return;
    const { length } = seconds;
    for (const name of new Set([...Object.keys(this.columns), ...Object.keys(sample)])) {
      (this.columns[name] ??= Array(length).fill(null)).push(sample[name] ?? null);
    }
    if (seconds.length > MOST_SAMPLES) {
      for (const name of Object.keys(this.columns)) this.columns[name] = this.columns[name].filter((_, index) => index % 2);
    }
  }
}
