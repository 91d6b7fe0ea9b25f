/** Microphones: asking for one, listing them, and saying in plain words what is in the way. */

export type MicProblem = "insecure" | "denied" | "missing" | "busy" | "unknown";

export interface ListedMicrophone {
  id: string;
  label: string;
}

export class MicUnavailable extends Error {
  constructor(readonly problem: MicProblem) {
    super(problem);
    this.name = "MicUnavailable";
  }
}

const PROBLEMS: Record<string, MicProblem> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

/** A stream to measure with; the call opens its own. Throws `MicUnavailable`. */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  // Browsers hide the whole interface on pages without https.
  if (!window.isSecureContext || !("mediaDevices" in navigator)) throw new MicUnavailable("insecure");
  const audio: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (deviceId) audio.deviceId = { exact: deviceId };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    throw new MicUnavailable(error instanceof DOMException ? (PROBLEMS[error.name] ?? "unknown") : "unknown");
  }
}

export function stopStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The page's text that tells how to get the microphone back, in this browser. */
export function remedyKey(problem: MicProblem): string {
  if (problem !== "denied") return `mic${problem.charAt(0).toUpperCase()}${problem.slice(1)}`;
  const agent = navigator.userAgent;
  const chrome = /Chrom(e|ium)\//.test(agent);
  // In a window of its own there is no address to click beside. An app on an iPhone does not name Safari.
  if (window.matchMedia("(display-mode: standalone)").matches) return chrome ? "micDeniedApp" : "micDeniedAppApple";
  if (/Firefox\//.test(agent)) return "micDeniedFirefox";
  return /Safari\//.test(agent) && !chrome ? "micDeniedSafari" : "micDeniedChrome";
}

/** "granted", "denied" or "prompt"; "prompt" also where the browser does not tell. */
export async function microphonePermission(): Promise<PermissionState> {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "prompt";
  }
}

/** Every microphone with a name to choose it by; names are known only after permission. */
export async function listMicrophones(unnamed: (number: number) => string): Promise<ListedMicrophone[]> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices
    .filter((device) => device.kind === "audioinput" && device.deviceId)
    .map((device, index) => ({ id: device.deviceId, label: device.label || unnamed(index + 1) }));
}
