// Styles that several elements share: icons, buttons, text for screen readers only.
import { css } from "lit";

export const sharedStyles = css`
  :host {
    display: block;
    font-variant-numeric: tabular-nums;
    line-height: 1.3;
  }
  .icon {
    width: 1.43em;
    height: 1.43em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  button:focus-visible {
    outline: 2px solid var(--alphaess-text);
    outline-offset: 2px;
  }
  .action {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 40px;
    min-width: 40px;
    border-radius: 20px;
    font-size: 1em;
    font-weight: 500;
    white-space: nowrap;
  }
  .action.labelled {
    padding: 0 16px 0 12px;
    background: var(--alphaess-button);
  }
  @media (hover: hover) {
    .action:hover {
      background: color-mix(in srgb, var(--alphaess-text) 10%, transparent);
    }
  }
  .secondary {
    color: var(--alphaess-secondary);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
