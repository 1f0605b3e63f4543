// Colours and type, as CSS variables: Home Assistant's own where it has them, so that every theme fits.
import { css } from "lit";

export const theme = css`
  :host {
    --alphaess-solar: var(--energy-solar-color, #ff9800);
    --alphaess-grid: var(--energy-grid-consumption-color, #488fc2);
    --alphaess-export: var(--energy-grid-return-color, #8353d1);
    --alphaess-battery: var(--energy-battery-out-color, #4db6ac);
    --alphaess-home: var(--primary-color, #009ac7);
    --alphaess-good: var(--success-color, #43a047);
    --alphaess-bad: var(--error-color, #db4437);
    --alphaess-uncertain: var(--warning-color, #ffa600);
    --alphaess-text: var(--primary-text-color, #141414);
    --alphaess-quiet: var(--secondary-text-color, #5e5e5e);
    --alphaess-line: var(--divider-color, #0000001f);
    --alphaess-surface: var(--ha-card-background, var(--card-background-color, #fff));
    --alphaess-soft: color-mix(in srgb, var(--alphaess-text) 6%, transparent);
    color: var(--alphaess-text);
  }
  /* Values that are not of now lose their colour, and with it their claim to be true. */
  :host([state="disconnected"]),
  :host([state="connecting"]) {
    --alphaess-solar: var(--alphaess-faded);
    --alphaess-grid: var(--alphaess-faded);
    --alphaess-export: var(--alphaess-faded);
    --alphaess-battery: var(--alphaess-faded);
    --alphaess-home: var(--alphaess-faded);
    --alphaess-faded: color-mix(in srgb, var(--alphaess-quiet) 60%, transparent);
    --alphaess-value: var(--alphaess-quiet);
  }
`;
