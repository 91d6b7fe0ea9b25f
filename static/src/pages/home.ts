/** The trend of somebody's scores, on the home page and on a manager's page about one person. */

import { pageData } from "../api";
import { drawLine } from "../charts";

interface TrendPoint {
  at: string;
  score: number;
  title: string;
}

const frame = document.querySelector<HTMLElement>("[data-trend]");
if (frame) {
  const day = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short" });
  const points = pageData<TrendPoint[]>("trend-data").map((point) => ({
    label: day.format(new Date(point.at)),
    value: point.score,
    title: point.title,
  }));
  void drawLine(frame, points, frame.dataset.label ?? "");
}
