/** Loaded on every page: styles, htmx, the theme switch, menus that close. */
import "./app.css";
import htmx from "htmx.org";
import { csrfToken } from "./api";
import { startBell } from "./bell";
import { startWorker } from "./installed";
import { countLiveCalls } from "./live";
import { closeMenusOutside } from "./menus";
import { makeRoomForNotes } from "./notes";
import { offerPrinting } from "./print";
import { startThemeSwitch } from "./theme";
import { startOfflinePage, startWaiting } from "./waiting";

// Our pages run under a policy without eval, and nothing of ours needs it.
htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
document.body.addEventListener("htmx:configRequest", (event) => {
  const detail = (event as CustomEvent<{ headers: Record<string, string> }>).detail;
  detail.headers["X-CSRFToken"] = csrfToken();
});

startThemeSwitch();
closeMenusOutside();
countLiveCalls();
makeRoomForNotes();
startBell();
startWorker();
startWaiting();
startOfflinePage();
offerPrinting();
