/**
 * Light, dark, or what the system says. The choice is a cookie, so that the server writes the right theme into the page
 * and nothing flashes.
 */
const COOKIE = "parley_theme";
const YEAR_S = 31_536_000;
const THEMES: Record<string, string> = { light: "parley", dark: "parley-dark" };

function chosen(): string {
  const match = document.cookie.match(new RegExp(`(?:^|; )${COOKIE}=(light|dark)`));
  return match?.[1] ?? "auto";
}

function apply(choice: string): void {
  const theme = THEMES[choice];
  if (theme) {
    document.documentElement.dataset.theme = theme;
  } else {
    delete document.documentElement.dataset.theme;
  }
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in two of the browsers we support.
  document.cookie = `${COOKIE}=${choice}; path=/; max-age=${theme ? YEAR_S : 0}; samesite=lax`;
  document.dispatchEvent(new CustomEvent("parley:theme"));
}

function mark(buttons: NodeListOf<HTMLElement>): void {
  for (const button of buttons) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === chosen()));
  }
}

export function startThemeSwitch(): void {
  const buttons = document.querySelectorAll<HTMLElement>("[data-theme-choice]");
  mark(buttons);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      apply(button.dataset.themeChoice ?? "auto");
      mark(buttons);
    });
  }
}
