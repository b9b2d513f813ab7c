// How a chart writes the numbers of an axis, by name. step: how far apart neighbouring marks are, where that is known;
// close marks need more digits.
import { fileSize, percent } from "../words.js";

const digitsFor = (step) => (step > 0 ? Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)) : 0);

export const FORMATS = {
  percent: (share, step) => (step ? `${(100 * share).toFixed(Math.min(3, digitsFor(100 * step)))} %` : percent(share)),
  number: (value, step) => (step ? value.toFixed(Math.min(6, digitsFor(step))) : Number(value.toPrecision(3)).toString()),
  small: (value) => (value === 0 ? "0" : value.toExponential(1)),
  bytes: (value) => (value === 0 ? "0" : fileSize(value)),
  whole: (value) => String(Math.round(value)),
  seconds: (value) => (value < 120 ? `${Math.round(value)} s` : value < 7200 ? `${+(value / 60).toFixed(1)} min` : `${+(value / 3600).toFixed(1)} h`),
};

// How far apart an axis' marks may be, where not any round number does.
const MINUTE = 60;
const HOUR = 60 * MINUTE;
export const INCREMENTS = {
  whole: [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4, 5, 6].map((power) => digit * 10 ** power)).sort((a, b) => a - b),
  seconds: [1, 2, 5, 10, 20, 30, ...[1, 2, 5, 10, 20, 30].map((count) => count * MINUTE), ...[1, 2, 3, 6, 12, 24, 48].map((count) => count * HOUR)],
  bytes: Array.from({ length: 40 }, (_, power) => 2 ** (power + 10)),
};
