/** A ring of bars around the buyer's picture that moves with the voice. Still where motion is not wanted. */

const BARS = 48;
const REST = 0.04;

export class Visualiser {
  #frame = 0;
  readonly #still = window.matchMedia("(prefers-reduced-motion: reduce)");

  /** `spectrum` gives byte frequencies of whoever speaks now, or null in silence. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly spectrum: () => Uint8Array | null,
  ) {}

  start(): void {
    this.stop();
    const draw = () => {
      this.#draw(this.#still.matches ? null : this.spectrum());
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
  }

  #draw(bytes: Uint8Array | null): void {
    const context = this.canvas.getContext("2d");
    if (!context) return;
    const { width, height } = this.canvas;
    const middle = width / 2;
    const inner = width * 0.36;
    const longest = width * 0.13;
    context.clearRect(0, 0, width, height);
    context.strokeStyle = getComputedStyle(this.canvas).color;
    context.lineWidth = width * 0.016;
    context.lineCap = "round";
    for (let bar = 0; bar < BARS; bar++) {
      const angle = (bar / BARS) * 2 * Math.PI - Math.PI / 2;
      const length = longest * Math.max(REST, level(bytes, bar));
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      context.beginPath();
      context.moveTo(middle + inner * x, middle + inner * y);
      context.lineTo(middle + (inner + length) * x, middle + (inner + length) * y);
      context.stroke();
    }
  }
}

/** Mirrored, so that the ring closes without a step. The lower third of the spectrum holds the voice. */
function level(bytes: Uint8Array | null, bar: number): number {
  if (!bytes || bytes.length === 0) return 0;
  const place = bar < BARS / 2 ? bar : BARS - 1 - bar;
  const index = Math.floor((place / (BARS / 2)) * (bytes.length / 3));
  return (bytes[index] ?? 0) / 255;
}
