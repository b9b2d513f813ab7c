// Images per minute over the last minutes of work, and how long the rest will take at that pace.

const KEPT = 30;
// A longer gap is a pause, not work.
const LONGEST_GAP = 30_000;

export class Pace {
  constructor() {
    this.gaps = [];
    this.before = null;
  }

  // Notes that an image is done now (milliseconds).
  tick(now) {
    if (this.before !== null && now - this.before < LONGEST_GAP) {
      this.gaps = [...this.gaps, now - this.before].slice(-KEPT);
    }
    this.before = now;
  }

  // Images per minute, or null until there is something to tell.
  get perMinute() {
    if (this.gaps.length < 3) return null;
    return 60_000 / (this.gaps.reduce((sum, gap) => sum + gap, 0) / this.gaps.length);
  }

  secondsFor(count) {
    return this.perMinute === null ? null : (60 * count) / this.perMinute;
  }
}
