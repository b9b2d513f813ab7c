// What jsdom lacks for charts: a canvas to draw on, sizes to watch, a system theme. Nothing is drawn; what a chart was
// told can be read from its legend. Every colour reads back as #123456.
import { vi } from "vitest";

export function provideCanvas() {
  const answers = { measureText: () => ({ width: 10 }), getImageData: () => ({ data: [18, 52, 86, 255] }) };
  const context = new Proxy({}, { get: (known, name) => known[name] ?? answers[name] ?? (() => {}), set: () => true });
  HTMLCanvasElement.prototype.getContext = () => context;
  HTMLCanvasElement.prototype.toBlob = (take, type) => take(new Blob(["pixels"], { type }));
  vi.stubGlobal("Path2D", class { moveTo() {} lineTo() {} rect() {} arc() {} closePath() {} addPath() {} });
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
}
