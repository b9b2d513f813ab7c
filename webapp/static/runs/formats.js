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
