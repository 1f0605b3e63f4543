// How a card frames its elements: the room between them, its title, its complaints.
import { css } from "lit";

export const frame = css`
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
  .parts,
  .beside {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  /* What is beside the power flow is measured in this: a wall is read from further away than a phone. */
  .parts {
    position: relative;
    font-size: 14px;
  }
  @container (min-width: 640px) {
    .parts {
      font-size: 15px;
    }
    .beside {
      gap: 28px;
    }
  }
  @container (min-width: 760px) {
    .parts {
      font-size: 17px;
    }
  }
  @container (min-width: 880px) {
    .parts {
      font-size: 20px;
    }
  }
  .beside {
    gap: 20px;
    padding: 4px 8px 8px;
  }
  .beside:empty {
    display: none;
  }
  .problem {
    margin: 8px;
    padding: 10px 12px;
    border-radius: 8px;
    font-size: 14px;
    line-height: 1.4;
    background: color-mix(in srgb, var(--alphaess-uncertain) 18%, transparent);
  }
`;
