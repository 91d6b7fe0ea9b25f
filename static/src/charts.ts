/** Charts in the colours of the page. Every chart stands beside a table with the same numbers, so it is hidden from
 *  screen readers. Chart.js is loaded only where a chart is on the page. */

import type { Chart } from "chart.js";

export interface Point {
  label: string;
  value: number;
  title?: string;
}

/** One bar: what somebody said at one time. */
export interface Bar {
  label: string;
  words: number;
  trainee: boolean;
}

interface Colours {
  text: string;
  line: string;
  other: string;
  grid: string;
}

function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return {
    text: style.color,
    line: style.getPropertyValue("--color-primary").trim(),
    other: style.getPropertyValue("--color-accent").trim(),
    grid: style.getPropertyValue("--color-base-300").trim(),
  };
}

const stillness = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Call `draw` now and again whenever the theme changes: a canvas does not follow CSS. */
function followTheme(draw: () => void): void {
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

/** Scores from 0 to 100 as a line inside `frame`, which holds a canvas. */
export async function drawLine(frame: HTMLElement, points: Point[], label: string): Promise<void> {
  const canvas = frame.querySelector("canvas");
  if (!canvas || points.length === 0) return;
  const { CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } = await import(
    "chart.js"
  );
  Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);
  let chart: Chart | null = null;
  followTheme(() => {
    chart?.destroy();
    const colours = coloursOf(frame);
    Chart.defaults.font.family = getComputedStyle(frame).fontFamily;
    chart = new Chart(canvas, {
      type: "line",
      data: {
        labels: points.map((point) => point.label),
        datasets: [
          {
            label,
            data: points.map((point) => point.value),
            borderColor: colours.line,
            backgroundColor: colours.line,
            borderWidth: 2.5,
            pointRadius: 4,
            pointHoverRadius: 6,
            cubicInterpolationMode: "monotone",
          },
        ],
      },
      options: {
        animation: stillness() ? false : { duration: 300 },
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: {
          tooltip: { callbacks: { title: (items) => points[items[0]?.dataIndex ?? 0]?.title ?? "" } },
        },
        scales: {
          x: {
            grid: { display: false },
            border: { color: colours.grid },
            ticks: { color: colours.text, maxRotation: 0, autoSkipPadding: 16 },
          },
          y: {
            min: 0,
            max: 100,
            grid: { color: colours.grid },
            border: { display: false },
            ticks: { color: colours.text, stepSize: 25 },
          },
        },
      },
    });
  });
}

/** Words per turn in the order they were said: the trainee's above the line of zero, the buyer's below. */
export async function drawTalk(frame: HTMLElement, bars: Bar[], names: [string, string], words: string): Promise<void> {
  const canvas = frame.querySelector("canvas");
  if (!canvas || bars.length === 0) return;
  const { BarController, BarElement, CategoryScale, Chart, Legend, LinearScale, Tooltip } = await import("chart.js");
  Chart.register(BarController, BarElement, CategoryScale, Legend, LinearScale, Tooltip);
  let chart: Chart | null = null;
  followTheme(() => {
    chart?.destroy();
    const colours = coloursOf(frame);
    Chart.defaults.font.family = getComputedStyle(frame).fontFamily;
    const side = (label: string, trainee: boolean, colour: string) => ({
      label,
      data: bars.map((bar) => (bar.trainee === trainee ? (trainee ? bar.words : -bar.words) : null)),
      backgroundColor: colour,
      borderRadius: 3,
      maxBarThickness: 28,
    });
    chart = new Chart(canvas, {
      type: "bar",
      data: {
        labels: bars.map((bar) => bar.label),
        datasets: [side(names[0], true, colours.line), side(names[1], false, colours.other)],
      },
      options: {
        animation: stillness() ? false : { duration: 300 },
        maintainAspectRatio: false,
        plugins: {
          legend: { labels: { color: colours.text, boxWidth: 14, boxHeight: 14 } },
          tooltip: {
            callbacks: { label: (item) => `${item.dataset.label}: ${Math.abs(Number(item.raw))} ${words}` },
          },
        },
        scales: {
          x: {
            stacked: true,
            grid: { display: false },
            border: { color: colours.grid },
            ticks: { color: colours.text, maxRotation: 0, autoSkipPadding: 16 },
          },
          y: {
            stacked: true,
            grid: { color: colours.grid },
            border: { display: false },
            ticks: { color: colours.text, precision: 0, callback: (value) => Math.abs(Number(value)) },
          },
        },
      },
    });
  });
}
