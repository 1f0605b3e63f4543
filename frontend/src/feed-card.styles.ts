// The styles of a card: colours as CSS variables of Home Assistant's theme, and the layout of its elements.
import { css } from "lit";

export const theme = css`
  :host {
    --alphaess-solar: var(--energy-solar-color, #ff9800);
    --alphaess-grid: var(--energy-grid-consumption-color, #488fc2);
    --alphaess-export: var(--energy-grid-return-color, #8353d1);
    --alphaess-battery: var(--energy-battery-out-color, #4db6ac);
    --alphaess-home: var(--primary-color, #009ac7);
    --alphaess-success: var(--success-color, #43a047);
    --alphaess-error: var(--error-color, #db4437);
    --alphaess-warning: var(--warning-color, #ffa600);
    --alphaess-text: var(--primary-text-color, #141414);
    --alphaess-secondary: var(--secondary-text-color, #5e5e5e);
    --alphaess-line: var(--divider-color, #0000001f);
    --alphaess-surface: var(--ha-card-background, var(--card-background-color, #fff));
    --alphaess-button: color-mix(in srgb, var(--alphaess-text) 6%, transparent);
    color: var(--alphaess-text);
  }
  /* Values that are not current are displayed in grey. */
  :host([state="disconnected"]),
  :host([state="connecting"]) {
    --alphaess-solar: var(--alphaess-faded);
    --alphaess-grid: var(--alphaess-faded);
    --alphaess-export: var(--alphaess-faded);
    --alphaess-battery: var(--alphaess-faded);
    --alphaess-home: var(--alphaess-faded);
    --alphaess-faded: color-mix(in srgb, var(--alphaess-secondary) 60%, transparent);
    --alphaess-value: var(--alphaess-secondary);
  }
`;

export const cardStyles = css`
  :host {
    display: block;
    height: 100%;
  }
  ha-card {
    display: block;
    height: 100%;
    box-sizing: border-box;
    padding: 8px;
    overflow: hidden;
    container-type: inline-size;
  }
  h2 {
    margin: 8px 8px 4px;
    font-size: 18px;
    font-weight: 500;
    line-height: 1.3;
  }
  .elements,
  .side-column {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  /* The elements in the side column scale with this: a wall panel is read from further away than a phone. */
  .elements {
    position: relative;
    font-size: 14px;
  }
  @container (min-width: 640px) {
    .elements {
      font-size: 15px;
    }
    .side-column {
      gap: 28px;
    }
  }
  @container (min-width: 760px) {
    .elements {
      font-size: 17px;
    }
  }
  @container (min-width: 880px) {
    .elements {
      font-size: 20px;
    }
  }
  .side-column {
    gap: 20px;
    padding: 4px 8px 8px;
  }
  .side-column:empty {
    display: none;
  }
  .problem {
    margin: 8px;
    padding: 10px 12px;
    border-radius: 8px;
    font-size: 14px;
    line-height: 1.4;
    background: color-mix(in srgb, var(--alphaess-warning) 18%, transparent);
  }
`;
