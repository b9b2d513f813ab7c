// What jsdom lacks for charts: a canvas to draw on, sizes to watch, a system theme. Nothing is drawn; what a chart was
// told can be read from its legend.
import { vi } from "vitest";

export function provideCanvas() {
  const context = new Proxy({}, { get: (known, name) => known[name] ?? (name === "measureText" ? () => ({ width: 10 }) : () => {}), set: () => true });
  HTMLCanvasElement.prototype.getContext = () => context;
  vi.stubGlobal("Path2D", class { moveTo() {} lineTo() {} rect() {} arc() {} closePath() {} addPath() {} });
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener() {}, removeEventListener() {} }));
}
