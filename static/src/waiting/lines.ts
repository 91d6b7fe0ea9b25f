/**
 * Lines of a call that were typed and are not yet known to have been said. Kept at once and not a moment later (a tab may be
 * closed on the next), so in `localStorage`, below their owner's name.
 */

export interface Line {
  id: string;
  text: string;
  /** Milliseconds of the call's clock. */
  at_ms: number;
}

export interface CallLines {
  key: string;
  /** Where the call's transcript takes what it never heard. */
  url: string;
  lines: Line[];
}

const PREFIX = "parley.lines.";

export function keyOf(owner: string, callId: string): string {
  return `${PREFIX}${owner}.${callId}`;
}

export function readLines(key: string): Line[] {
  return read(key)?.lines ?? [];
}

export function writeLines(key: string, url: string, lines: Line[]): void {
  try {
    if (lines.length > 0) localStorage.setItem(key, JSON.stringify({ url, lines }));
    else localStorage.removeItem(key);
  } catch {
    // A browser that keeps nothing (private mode, full disk): the lines still wait in memory.
  }
}

/** As `POST calls/{id}/transcript/` takes them. Twice adds nothing. */
export function asTurns(lines: readonly Line[]): object[] {
  return lines.map(({ id, text, at_ms }) => ({
    role: "user",
    content: text,
    timestamp_ms: at_ms,
    provider_event_id: `typed.${id}`,
  }));
}

export function linesOf(owner: string): CallLines[] {
  return keys(`${PREFIX}${owner}.`).flatMap((key) => read(key) ?? []);
}

/**
 * A room says its own lines while its call goes on: no page of another tab may send them meanwhile. Answers how to let go of
 * them; a tab that is closed lets go by itself.
 */
export function holdLines(key: string): () => void {
  if (!("locks" in navigator)) return () => {};
  let letGo = (): void => {};
  const over = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  // Shared: two tabs may show one room.
  void navigator.locks.request(key, { mode: "shared" }, () => over);
  return letGo;
}

/** Calls whose lines no room holds. */
export async function leftBehind(calls: readonly CallLines[]): Promise<CallLines[]> {
  if (!("locks" in navigator)) return [...calls];
  const held = new Set((await navigator.locks.query()).held?.map(({ name }) => name));
  return calls.filter(({ key }) => !held.has(key));
}

export function forgetLines(but = ""): void {
  for (const key of keys(PREFIX)) if (!but || !key.includes(`/${but}.`)) localStorage.removeItem(key);
}

function keys(prefix: string): string[] {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

function read(key: string): CallLines | null {
  try {
    const found = JSON.parse(localStorage.getItem(key) ?? "null") as Omit<CallLines, "key"> | null;
    return found && Array.isArray(found.lines) ? { key, url: found.url, lines: found.lines } : null;
  } catch {
    return null;
  }
}
