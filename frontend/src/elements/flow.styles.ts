// The styles of the power flow. Sizes are relative to the container's width, so that it looks the same at every size.
import { css } from "lit";

export const flowStyles = css`
  :host {
    container-type: inline-size;
    width: 100%;
    max-width: 640px;
    margin-inline: auto;
  }
  .diagram {
    position: relative;
    width: 100%;
    overflow: hidden;
    contain: layout paint;
  }
  svg:not(.icon) {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    fill: none;
  }
  .solar {
    --colour: var(--alphaess-solar);
  }
  .grid {
    --colour: var(--alphaess-grid);
  }
  .export {
    --colour: var(--alphaess-export);
  }
  .battery {
    --colour: var(--alphaess-battery);
  }
  .home {
    --colour: var(--alphaess-home);
  }
  .line {
    stroke: var(--alphaess-line);
    stroke-width: 2;
  }
  .line.active {
    stroke: var(--colour);
    stroke-opacity: 0.35;
  }
  .arrow {
    display: none;
    stroke: var(--colour);
    stroke-width: 3;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  :host([static]) .arrow {
    display: inline;
  }
  .disc {
    fill: var(--alphaess-surface);
    stroke: var(--alphaess-line);
    stroke-width: 4;
  }
  .disc.active {
    fill: color-mix(in srgb, var(--colour) 9%, var(--alphaess-surface));
  }
  .ring {
    stroke: var(--colour);
    stroke-width: 4;
  }
  .dot {
    position: absolute;
    left: -1.3cqw;
    top: -1.3cqw;
    width: 2.6cqw;
    height: 2.6cqw;
    border-radius: 50%;
    opacity: 0;
    background: var(--colour);
    pointer-events: none;
  }
  :host(:not([static])) .dot {
    will-change: transform;
  }
  .node {
    position: absolute;
    width: 29cqw;
    height: 29cqw;
    border-radius: 50%;
    display: flex;
    flex-direction: column;
    justify-content: center;
    gap: 0.4cqw;
    line-height: 1.15;
    color: var(--alphaess-value, var(--alphaess-text));
  }
  .node .icon {
    width: max(18px, 6cqw);
    height: max(18px, 6cqw);
    color: var(--colour);
    align-self: center;
  }
  /* A number with more digits must not shift the layout: its line starts at the centre of the node and is translated,
     and the unit comes first in right-to-left order, so that nothing follows the digits. */
  .value,
  .name {
    position: relative;
    width: max-content;
    white-space: nowrap;
  }
  .value {
    display: flex;
    align-items: baseline;
    direction: rtl;
    right: 50%;
    translate: 50%;
    align-self: flex-end;
    font-size: max(16px, 6.8cqw);
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  .value small {
    font-size: max(11px, 3.2cqw);
    font-weight: 500;
    margin-inline-end: 0.15em;
    letter-spacing: 0;
  }
  .name {
    left: 50%;
    translate: -50%;
    font-size: max(11px, 3.2cqw);
    color: var(--alphaess-secondary);
  }
  .battery .name {
    font-weight: 600;
    color: inherit;
  }
  .as-of {
    position: absolute;
    left: 50%;
    top: 50%;
    translate: -50% -50%;
    padding: 2px 10px;
    border-radius: 12px;
    font-size: max(12px, 3.2cqw);
    white-space: nowrap;
    color: var(--alphaess-text);
    background: color-mix(in srgb, var(--alphaess-text) 10%, var(--alphaess-surface));
  }
`;
