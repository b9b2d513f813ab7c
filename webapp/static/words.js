// Numbers as people say them; the counterpart of webapp/templatetags/components.py.

export function plural(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

export function fileSize(bytes) {
  if (bytes < 1000 * 1024) return `${Math.max(1, Math.round(bytes / 1024)).toLocaleString("en")} KB`;
  if (bytes < 1000 * 2 ** 20) return `${(bytes / 2 ** 20).toFixed(1)} MB`;
  return `${(bytes / 2 ** 30).toFixed(2)} GB`;
}

export function duration(seconds) {
  if (seconds < 1) return "under 1 s";
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  const hours = Math.floor(minutes / 60);
  if (hours) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  if (minutes >= 10 || (minutes && whole % 60 === 0)) return `${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

export function count(number) {
  return number.toLocaleString("en");
}

// Writes a share in 0..1; something imperfect is never rounded up to 100 %.
export function percent(share, digits = 1) {
  const text = (100 * share).toFixed(digits);
  if (share < 1 && Number(text) === 100) return `${(100 - 10 ** -digits).toFixed(digits)} %`;
  return `${text} %`;
}
