// The icons of the cards: SVG paths of 24 by 24 units.
import { html, svg, type TemplateResult } from "lit";

const PATHS = {
  solar:
    "M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  grid: "M7.5 21.5 11 2.5h2l3.5 19M5.5 7h13M5.5 7v2M18.5 7v2M4 12.5h16M4 12.5v2M20 12.5v2M9.3 12.8l6.2 5.7M14.7 12.8l-6.2 5.7",
  home: "M3.5 11.5 12 4l8.5 7.5M6 9.5V20h12V9.5M10 20v-5.5h4V20",
  battery:
    "M8.5 5h7A1.5 1.5 0 0 1 17 6.5v13a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-13A1.5 1.5 0 0 1 8.5 5zM10 5V2.8h4V5M12.6 9.5l-2.4 3.8h3.6l-2.4 3.8",
  bolt: "M13 3 5.5 13.5H11L10 21l7.5-10.5H12z",
  pause: "M9 6v12M15 6v12",
  resume: "M8.5 5.5 18 12l-9.5 6.5z",
  refresh: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
  alert: "M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1",
  more: "M9 5.5 15.5 12 9 18.5",
  into: "M12 4v13M6.5 11.5 12 17l5.5-5.5M5 20.5h14",
  out: "M12 17V4M6.5 9.5 12 4l5.5 5.5M5 20.5h14",
} as const;

export type Icon = keyof typeof PATHS;

export function icon(name: Icon): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    ${svg`<path d=${PATHS[name]} />`}
  </svg>`;
}
