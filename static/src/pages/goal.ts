/** The numbers that somebody wrote down for a goal, and the target as a line across. */

import { pageData } from "../api";
import { dayLabel, drawEntries } from "../charts";

interface Entry {
  at: string;
  value: number;
}

const frame = document.querySelector<HTMLElement>("[data-entries]");
if (frame) {
  const points = pageData<Entry[]>("entries-data").map((entry) => ({
    label: dayLabel(entry.at),
    value: entry.value,
  }));
  const { label = "", target = "0", targetLabel = "" } = frame.dataset;
  void drawEntries(frame, points, label, { value: Number(target), label: targetLabel });
}
