/** Charts in the colours of the page. Every chart stands beside a table with the same numbers, so it is hidden from
 *  screen readers. Chart.js is loaded only where a chart is on the page. */

import type { Chart, ChartConfiguration } from "chart.js";

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

/** Days below, scores from 0 to 100 at the side. */
function scoreScales(colours: Colours) {
  return {
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
  };
}

/** A date as it stands below a chart. It came as a day of the reader's time zone, which need not be the browser's. */
export function dayLabel(date: string): string {
  const lang = document.documentElement.lang;
  return new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(date));
}

const stillness = (): boolean => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Call `draw` now and again whenever the theme changes: a canvas does not follow CSS. */
function followTheme(draw: () => void): void {
  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}

type LineConfiguration = ChartConfiguration<"line", number[], string>;

/** A line over labels inside `frame`, which holds a canvas: `describe` says what is in it, in the colours of the moment. */
async function drawLabelled(
  frame: HTMLElement,
  points: Point[],
  describe: (colours: Colours) => { datasets: LineConfiguration["data"]["datasets"] } & LineConfiguration["options"],
): Promise<void> {
  const canvas = frame.querySelector("canvas");
  if (!canvas || points.length === 0) return;
  const { CategoryScale, Chart, LinearScale, LineController, LineElement, PointElement, Tooltip } = await import(
    "chart.js"
  );
  Chart.register(CategoryScale, LinearScale, LineController, LineElement, PointElement, Tooltip);
  let chart: Chart<"line", number[], string> | null = null;
  followTheme(() => {
    chart?.destroy();
    Chart.defaults.font.family = getComputedStyle(frame).fontFamily;
    const { datasets, ...options } = describe(coloursOf(frame));
    chart = new Chart<"line", number[], string>(canvas, {
      type: "line",
      data: { labels: points.map((point) => point.label), datasets },
      options: {
        animation: stillness() ? false : { duration: 300 },
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        ...options,
      },
    });
  });
}

/** Scores from 0 to 100 as a line inside `frame`, which holds a canvas. */
export async function drawLine(frame: HTMLElement, points: Point[], label: string): Promise<void> {
  await drawLabelled(frame, points, (colours) => ({
    datasets: [
      {
        label,
        data: points.map((point) => point.value),
        borderColor: colours.line,
        backgroundColor: colours.line,
        borderWidth: 2.5,
        pointRadius: 4,
        pointHoverRadius: 6,
        clip: false,
        cubicInterpolationMode: "monotone",
      },
    ],
    plugins: {
      tooltip: { callbacks: { title: (items) => points[items[0]?.dataIndex ?? 0]?.title ?? "" } },
    },
    scales: scoreScales(colours),
  }));
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

/** A call's metrics as they stood at `at_ms`. */
export interface ProgressPoint {
  at_ms: number;
  talk_percent: number | null;
  pace_wpm: number | null;
  questions: number;
  open_questions: number;
  fillers: number;
  interruptions: number;
  response_ms: number | null;
}

export interface ProgressChart {
  /** Show what is known until then. */
  until: (ms: number) => void;
}

/** Talk share and pace over the time of a call, drawn as far as it has been played. */
export async function drawProgress(
  frame: HTMLElement,
  points: ProgressPoint[],
  length: number,
  names: [string, string],
): Promise<ProgressChart | null> {
  const canvas = frame.querySelector("canvas");
  if (!canvas || points.length === 0) return null;
  const { Chart, Legend, LinearScale, LineController, LineElement, PointElement, Tooltip } = await import("chart.js");
  Chart.register(Legend, LinearScale, LineController, LineElement, PointElement, Tooltip);
  let chart: Chart | null = null;
  let shown = length;
  const paced = points.some((point) => point.pace_wpm !== null);
  const clock = (ms: number) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  const known = (name: "talk_percent" | "pace_wpm") =>
    points
      .filter((point) => point.at_ms <= shown && point[name] !== null)
      .map((point) => ({ x: point.at_ms, y: point[name] }));
  followTheme(() => {
    chart?.destroy();
    const colours = coloursOf(frame);
    Chart.defaults.font.family = getComputedStyle(frame).fontFamily;
    const line = (label: string, name: "talk_percent" | "pace_wpm", colour: string, axis: string) => ({
      label,
      data: known(name),
      yAxisID: axis,
      borderColor: colour,
      backgroundColor: colour,
      borderWidth: 2.5,
      pointRadius: 2.5,
      stepped: true as const,
    });
    const pace = {
      position: "right" as const,
      min: 0,
      suggestedMax: 200,
      grid: { display: false },
      ticks: { color: colours.text },
    };
    chart = new Chart(canvas, {
      type: "line",
      data: {
        datasets: [
          line(names[0], "talk_percent", colours.line, "y"),
          ...(paced ? [line(names[1], "pace_wpm", colours.other, "pace")] : []),
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        plugins: {
          legend: { labels: { color: colours.text, boxWidth: 14, boxHeight: 3 } },
          tooltip: { callbacks: { title: (items) => clock(Number(items[0]?.parsed.x ?? 0)) } },
        },
        scales: {
          x: {
            type: "linear",
            min: 0,
            max: length,
            grid: { display: false },
            border: { color: colours.grid },
            ticks: { color: colours.text, maxRotation: 0, callback: (value) => clock(Number(value)) },
          },
          y: {
            min: 0,
            max: 100,
            grid: { color: colours.grid },
            border: { display: false },
            ticks: { color: colours.text, stepSize: 25 },
          },
          ...(paced ? { pace } : {}),
        },
      },
    });
  });
  return {
    until: (ms) => {
      shown = ms;
      if (!chart) return;
      const sets = chart.data.datasets;
      if (sets[0]) sets[0].data = known("talk_percent");
      if (sets[1]) sets[1].data = known("pace_wpm");
      chart.update("none");
    },
  };
}

/** One mark in a criterion, and the level that the marks so far speak of (null: too few). */
export interface SkillPoint {
  label: string;
  title: string;
  score: number;
  level: number | null;
  low: number | null;
  high: number | null;
}

/** Marks as points, the level behind them as a line within the range in which it lies. */
export async function drawSkill(
  frame: HTMLElement,
  points: SkillPoint[],
  names: { mark: string; level: string; range: string },
): Promise<void> {
  const canvas = frame.querySelector("canvas");
  if (!canvas || points.length === 0) return;
  const { CategoryScale, Chart, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip } =
    await import("chart.js");
  Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);
  let chart: Chart | null = null;
  followTheme(() => {
    chart?.destroy();
    const colours = coloursOf(frame);
    Chart.defaults.font.family = getComputedStyle(frame).fontFamily;
    const shade = `color-mix(in oklab, ${colours.line} 16%, transparent)`;
    const edge = { borderWidth: 0, pointRadius: 0, pointHoverRadius: 0, backgroundColor: shade };
    chart = new Chart(canvas, {
      type: "line",
      data: {
        labels: points.map((point) => point.label),
        datasets: [
          { ...edge, label: names.range, data: points.map((point) => point.high), fill: "+1" },
          { ...edge, label: names.range, data: points.map((point) => point.low), fill: false },
          {
            label: names.level,
            data: points.map((point) => point.level),
            borderColor: colours.line,
            backgroundColor: colours.line,
            borderWidth: 2.5,
            pointRadius: 0,
          },
          {
            label: names.mark,
            data: points.map((point) => point.score),
            borderColor: colours.other,
            backgroundColor: colours.other,
            showLine: false,
            pointRadius: 4,
            pointHoverRadius: 6,
            clip: false, // a mark of 0 or 100 is a whole point
          },
        ],
      },
      options: {
        animation: stillness() ? false : { duration: 300 },
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        plugins: {
          tooltip: {
            filter: (item) => item.datasetIndex > 1,
            callbacks: { title: (items) => points[items[0]?.dataIndex ?? 0]?.title ?? "" },
          },
        },
        scales: scoreScales(colours),
      },
    });
  });
}

/** Numbers that somebody wrote down, with the target across. */
export async function drawEntries(
  frame: HTMLElement,
  points: Point[],
  label: string,
  target: { value: number; label: string },
): Promise<void> {
  await drawLabelled(frame, points, (colours) => {
    const { x, y } = scoreScales(colours);
    return {
      datasets: [
        {
          label,
          data: points.map((point) => point.value),
          borderColor: colours.line,
          backgroundColor: colours.line,
          borderWidth: 2.5,
          pointRadius: 4,
        },
        {
          label: target.label,
          data: points.map(() => target.value),
          borderColor: colours.other,
          backgroundColor: colours.other,
          borderDash: [6, 5],
          borderWidth: 2,
          pointRadius: points.length === 1 ? 3 : 0,
        },
      ],
      scales: { x, y: { grid: y.grid, border: y.border, ticks: { color: colours.text } } },
    };
  });
}
