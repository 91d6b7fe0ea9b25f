/** The replay of a call: recording, transcript, what happened behind it and the numbers, drawn as time goes by. */

import "../replay/replay.css";
import { getJson, pageData } from "../api";
import { drawProgress, type ProgressChart, type ProgressPoint } from "../charts";
import { AudioClock, type Clock, SilentClock } from "../replay/clock";

interface ReplayData {
  durationMs: number;
  recordingUrl: string;
  points: ProgressPoint[];
  texts: Record<"play" | "pause" | "talk" | "pace" | "failed", string>;
}

const STEP_MS = 5000;
// Keys that mean something to what has the focus are not ours.
const TYPES_OR_TOGGLES = "input:not([type=range]), textarea, select, summary, button, a";
const WRITES = "input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select";

function clockText(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

class ReplayPage {
  private readonly length: number;
  private clock: Clock;
  private chart: ProgressChart | null = null;
  private started = false;
  private shownPoint: ProgressPoint | null | undefined;
  private current: Element | null = null;
  private readonly decimals = new Intl.NumberFormat(document.documentElement.lang, {
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });

  constructor(
    private readonly root: HTMLElement,
    private readonly data: ReplayData,
  ) {
    this.length = data.durationMs;
    const audio = root.querySelector<HTMLAudioElement>("audio[data-audio]");
    this.clock = audio ? new AudioClock(audio, this.length) : new SilentClock(this.length);
    if (audio) void this.load(audio);
  }

  async start(): Promise<void> {
    this.playButton.addEventListener("click", () => void this.toggle());
    this.seekBar.addEventListener("input", () => this.seek(Number(this.seekBar.value)));
    for (const rate of this.root.querySelectorAll<HTMLInputElement>("[data-rate]")) {
      rate.addEventListener("change", () => this.clock.setRate(Number(rate.value)));
    }
    this.showAll?.addEventListener("change", () => this.draw());
    this.root.addEventListener("click", (event) => this.clicked(event));
    document.addEventListener("keydown", (event) => this.pressed(event));
    const frame = this.root.querySelector<HTMLElement>("[data-chart]");
    if (frame) {
      const { talk, pace } = this.data.texts;
      this.chart = await drawProgress(frame, this.data.points, this.length, [talk, pace]);
    }
    const wanted = Number(new URLSearchParams(window.location.search).get("t"));
    if (wanted > 0) this.seek(wanted);
    else this.chart?.until(this.length);
    this.root.dataset.state = "ready";
    this.tick();
  }

  private get playButton(): HTMLButtonElement {
    return this.part<HTMLButtonElement>("[data-play]");
  }

  private get seekBar(): HTMLInputElement {
    return this.part<HTMLInputElement>("[data-seek-bar]");
  }

  private get showAll(): HTMLInputElement | null {
    return this.root.querySelector<HTMLInputElement>("[data-show-all]");
  }

  private part<T extends HTMLElement = HTMLElement>(selector: string): T {
    const found = this.root.querySelector<T>(selector);
    if (!found) throw new Error(`The replay has no ${selector}.`);
    return found;
  }

  // -- the recording ---------------------------------------------------------------------------------------------------

  private async load(audio: HTMLAudioElement): Promise<void> {
    audio.addEventListener("error", () => this.goSilent());
    try {
      audio.src = (await getJson<{ url: string }>(this.data.recordingUrl)).url;
      audio.load();
    } catch {
      this.goSilent();
    }
  }

  /** The sound is not to be had: the rest of the replay is. */
  private goSilent(): void {
    if (this.clock instanceof SilentClock) return;
    const { playing } = this.clock;
    const at = this.clock.now();
    this.clock.pause();
    this.clock = new SilentClock(this.length);
    this.clock.seek(at);
    const rate = this.root.querySelector<HTMLInputElement>("[data-rate]:checked");
    this.clock.setRate(Number(rate?.value ?? 1));
    if (playing) void this.clock.play();
    const problem = this.part("[data-problem]");
    problem.hidden = false;
    problem.textContent = this.data.texts.failed;
  }

  // -- controls --------------------------------------------------------------------------------------------------------

  private async toggle(): Promise<void> {
    this.started = true;
    if (this.clock.playing) {
      this.clock.pause();
    } else {
      if (this.clock.now() >= this.length) this.clock.seek(0);
      try {
        await this.clock.play();
      } catch {
        this.goSilent();
        await this.clock.play();
      }
    }
    this.draw();
  }

  private seek(ms: number): void {
    this.started = true;
    this.clock.seek(Math.min(this.length, Math.max(0, ms)));
    this.draw();
  }

  private clicked(event: MouseEvent): void {
    const link = event.target instanceof Element ? event.target.closest<HTMLElement>("a[data-seek]") : null;
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    this.seek(Number(link.dataset.seek));
    window.history.replaceState(null, "", link.getAttribute("href"));
  }

  private pressed(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = event.target instanceof Element ? event.target : null;
    if (event.key === " " && !at?.closest(TYPES_OR_TOGGLES)) void this.toggle();
    else if (event.key === "ArrowLeft" && !at?.closest(WRITES)) this.seek(this.clock.now() - STEP_MS);
    else if (event.key === "ArrowRight" && !at?.closest(WRITES)) this.seek(this.clock.now() + STEP_MS);
    else return;
    event.preventDefault();
  }

  // -- what is shown ---------------------------------------------------------------------------------------------------

  private tick(): void {
    if (this.clock.playing || this.root.dataset.playing === "yes") this.draw();
    window.requestAnimationFrame(() => this.tick());
  }

  private draw(): void {
    const now = this.clock.now();
    const playing = this.clock.playing;
    const seconds = clockText(now);
    this.root.dataset.playing = playing ? "yes" : "no";
    this.root.dataset.now = String(Math.round(now));
    if (this.part("[data-now]").textContent !== seconds) this.part("[data-now]").textContent = seconds;
    this.seekBar.value = String(now);
    this.seekBar.setAttribute("aria-valuetext", seconds);
    this.part("[data-needle]").style.insetInlineStart = `${(100 * now) / this.length}%`;
    this.playButton.setAttribute("aria-label", playing ? this.data.texts.pause : this.data.texts.play);
    this.part("[data-icon=play]").hidden = playing;
    this.part("[data-icon=pause]").hidden = !playing;
    this.reveal(now);
    this.measure(now);
    this.follow(now);
  }

  /** What has not happened yet is not there yet, once the replay runs. */
  private reveal(now: number): void {
    const everything = !this.started || this.showAll?.checked === true;
    for (const item of this.root.querySelectorAll<HTMLElement>("[data-at]")) {
      const ahead = !everything && Number(item.dataset.at) > now;
      if (item.hidden !== ahead) item.hidden = ahead;
    }
  }

  private measure(now: number): void {
    const point = this.data.points.findLast((one) => one.at_ms <= now) ?? null;
    if (point === this.shownPoint) return;
    this.shownPoint = point;
    for (const place of this.root.querySelectorAll<HTMLElement>("[data-metric]")) {
      const name = place.dataset.metric as keyof ProgressPoint;
      const value = point ? point[name] : null;
      if (value === null) place.textContent = "–";
      else place.textContent = name === "response_ms" ? this.decimals.format(value / 1000) : String(value);
    }
    this.chart?.until(now);
  }

  /** Mark the turn that is heard, and keep it in sight inside of its own box; the page itself stays where it is. */
  private follow(now: number): void {
    const turns = [...this.root.querySelectorAll<HTMLElement>("[data-turn]")];
    const heard = turns.findLast((turn) => Number(turn.dataset.at) <= now && now < Number(turn.dataset.until)) ?? null;
    if (heard === this.current) return;
    this.current?.classList.remove("turn-now");
    heard?.classList.add("turn-now");
    this.current = heard;
    const box = this.part("[data-scroller]");
    if (heard) box.scrollTop = heard.offsetTop - box.clientHeight + heard.offsetHeight + 24;
  }
}

const root = document.querySelector<HTMLElement>("[data-replay]");
if (root) void new ReplayPage(root, pageData<ReplayData>("replay-data")).start();
