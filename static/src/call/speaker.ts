/** Where several people speak for the buyer's side, the one on the line is shown; of the others only the name is known. */
export function showSpeaker(root: HTMLElement, name: string): void {
  const part = (of: string) => root.querySelector<HTMLElement>(`[data-part="${of}"]`);
  const [shown, role, disc] = [part("buyer-name"), part("buyer-role"), part("buyer-initial")?.firstElementChild];
  if (shown && shown.textContent !== name) shown.textContent = name;
  if (role) role.style.visibility = role.dataset.of === name ? "" : "hidden";
  if (disc) disc.textContent = name.slice(0, 1).toUpperCase();
}
