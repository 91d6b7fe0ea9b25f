/** Two measurements before a call: does the microphone hear the loudspeaker, and how long does the server take to answer. */

// Two pitches that neither speech nor hum hold steadily, played in turn.
const PITCHES_HZ = [1050, 1470] as const;
const BURST_MS = 260;
const BURSTS = 6;
// The browser's echo canceller needs a moment to learn the room: what it lets through at the start does not count.
const LEARNING_MS = 600;
const ECHO_RISE_DB = 12;
const ECHO_FLOOR_DB = -75;
const TRIES = 5;
const GOOD_MS = 150;
const FAIR_MS = 400;
// Nobody waits longer than this to start a call.
const GIVE_UP_MS = 5000;

export type Latency = "good" | "fair" | "poor";

const pause = (ms: number): Promise<void> => new Promise((resolve) => window.setTimeout(resolve, ms));

/** How long an answer takes is a matter of the middle: one slow packet is no slow line. */
export function judged(milliseconds: number[]): Latency {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.POSITIVE_INFINITY;
  if (middle < GOOD_MS) return "good";
  return middle < FAIR_MS ? "fair" : "poor";
}

/** Round trips to our own server by this page's address; "poor" when it does not answer in time. */
export async function measureLatency(url: string): Promise<Latency> {
  const times: number[] = [];
  const signal = AbortSignal.timeout(GIVE_UP_MS);
  try {
    for (let attempt = 0; attempt <= TRIES; attempt++) {
      const asked = performance.now();
      await fetch(url, { method: "HEAD", cache: "no-store", credentials: "same-origin", signal });
      // The first one also opens the connection.
      if (attempt > 0) times.push(performance.now() - asked);
    }
  } catch {
    return times.length > 0 ? judged([...times, GIVE_UP_MS]) : "poor";
  }
  return judged(times);
}

/** Play short tones and tell whether the microphone, with the browser's echo cancelling at work, hears them. */
export async function hearsItself(stream: MediaStream): Promise<boolean> {
  const context = new AudioContext();
  try {
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(stream).connect(analyser);
    const bins = PITCHES_HZ.map((pitch) => Math.round((pitch * analyser.fftSize) / context.sampleRate));
    await pause(200);
    const before = await loudest(analyser, bins, 500);
    playTones(context);
    await pause(LEARNING_MS);
    const during = await loudest(analyser, bins, BURSTS * BURST_MS - LEARNING_MS + 200);
    return bins.every((_bin, place) => {
      const [quiet, loud] = [before[place] ?? 0, during[place] ?? Number.NEGATIVE_INFINITY];
      return loud > ECHO_FLOOR_DB && loud - Math.max(quiet, ECHO_FLOOR_DB) > ECHO_RISE_DB;
    });
  } finally {
    await context.close();
  }
}

function playTones(context: AudioContext): void {
  const gain = context.createGain();
  gain.gain.value = 0.2;
  gain.connect(context.destination);
  for (let burst = 0; burst < BURSTS; burst++) {
    const tone = context.createOscillator();
    tone.frequency.value = PITCHES_HZ[burst % 2] ?? PITCHES_HZ[0];
    tone.connect(gain);
    tone.start(context.currentTime + (burst * BURST_MS) / 1000);
    tone.stop(context.currentTime + ((burst + 0.85) * BURST_MS) / 1000);
  }
}

/** The greatest level (dB) that each of these frequency bins reached within this time. */
async function loudest(analyser: AnalyserNode, bins: number[], forMs: number): Promise<number[]> {
  const spectrum = new Float32Array(analyser.frequencyBinCount);
  const most = bins.map(() => Number.NEGATIVE_INFINITY);
  const until = performance.now() + forMs;
  while (performance.now() < until) {
    analyser.getFloatFrequencyData(spectrum);
    bins.forEach((bin, place) => {
      const around = [bin - 1, bin, bin + 1].map((near) => spectrum[near] ?? Number.NEGATIVE_INFINITY);
      most[place] = Math.max(most[place] ?? Number.NEGATIVE_INFINITY, ...around);
    });
    await pause(20);
  }
  return most;
}
