/** The trend of somebody's scores, on the home page and on a manager's page about one person. */

import { pageData } from "../api";
import { dayLabel, drawLine } from "../charts";

interface TrendPoint {
  on: string;
  score: number;
  title: string;
}

const frame = document.querySelector<HTMLElement>("[data-trend]");
if (frame) {
  const points = pageData<TrendPoint[]>("trend-data").map((point) => ({
    label: dayLabel(point.on),
    value: point.score,
    title: point.title,
  }));
  void drawLine(frame, points, frame.dataset.label ?? "");
}
