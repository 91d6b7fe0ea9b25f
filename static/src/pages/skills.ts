/** Skills over time: a chart for each criterion. */

import { pageData } from "../api";
import { dayLabel, drawSkill, type SkillPoint } from "../charts";

interface Row extends Omit<SkillPoint, "label"> {
  on: string;
}

for (const frame of document.querySelectorAll<HTMLElement>("[data-skill]")) {
  const points = pageData<Row[]>(frame.dataset.skill ?? "").map((row) => ({
    ...row,
    label: dayLabel(row.on),
  }));
  const { label = "", levelLabel = "", rangeLabel = "" } = frame.dataset;
  void drawSkill(frame, points, { mark: label, level: levelLabel, range: rangeLabel });
}
