/** Notes at the foot of the page take their room from it: no button stays beneath one. */

const GAP_PX = 8;
const CONTROLS = "a[href], button, input, select, summary, textarea";

export function makeRoomForNotes(): void {
  const notes = document.querySelector<HTMLElement>(".device-notes");
  if (notes) new ResizeObserver(() => makeRoom(notes)).observe(notes);
}

function makeRoom(notes: HTMLElement): void {
  const shown = [...notes.children].map((note) => note.getBoundingClientRect()).filter(({ height }) => height > 0);
  const top = Math.min(...shown.map((note) => note.top));
  const taken = shown.length > 0 ? Math.ceil(document.documentElement.clientHeight - top) + GAP_PX : 0;
  // The end of the page can be scrolled clear of them, and what is focused or jumped to stops above them.
  document.body.style.paddingBlockEnd = taken > 0 ? `${taken}px` : "";
  document.documentElement.style.scrollPaddingBlockEnd = taken > 0 ? `${taken}px` : "";
  const covered = [...document.querySelectorAll(`main :is(${CONTROLS})`)]
    .map((control) => control.getBoundingClientRect())
    .filter((control) => shown.some((note) => overlap(control, note)));
  if (covered.length === 0) return;
  const lowest = Math.max(...covered.map((control) => control.bottom));
  window.scrollBy({ top: Math.min(lowest - top + GAP_PX, taken), behavior: "instant" });
}

function overlap(one: DOMRect, other: DOMRect): boolean {
  return one.top < other.bottom && one.bottom > other.top && one.left < other.right && one.right > other.left;
}
