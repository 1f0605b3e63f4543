// The connection state, its cause, the age of the values, and buttons to pause, resume, refresh and retry.
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { DisplayState } from "../feed-state";
import type { View } from "../view";
import { ViewElement } from "./element";
import { ANIMATION } from "./flow-dots";
import { icon } from "./icons";
import { sharedStyles } from "./shared.styles";

interface BannerAction {
  readonly type: "pause" | "resume" | "refresh";
  readonly label: "pause" | "resume" | "refresh" | "retry";
  /** Whether the button shows its label beside the icon, as for the most likely action. */
  readonly labelled?: true;
}

const PAUSE: BannerAction = { type: "pause", label: "pause" };
const RESUME: BannerAction = { type: "resume", label: "resume", labelled: true };
const REFRESH: BannerAction = { type: "refresh", label: "refresh" };
const RETRY: BannerAction = { type: "refresh", label: "retry", labelled: true };

/** A button belongs to its place: a click on "Retry" must not reach "Pause" when the state changes meanwhile. */
type ActionPlaces = readonly [toggle: BannerAction | null, refresh: BannerAction | null];

const ACTIONS: Readonly<Record<DisplayState, ActionPlaces>> = {
  live: [PAUSE, REFRESH],
  paused: [RESUME, null],
  disconnected: [null, RETRY],
  feed_lost: [null, RETRY],
  connecting: [null, null],
};

export class BannerElement extends ViewElement {
  static readonly tag = "alphaess-live-banner";

  protected readonly viewKeys = ["state", "linkError", "measuredAt", "format"] as const;

  protected override renderView(view: View): TemplateResult {
    const { state, format } = view;
    const cause = causeText(view);
    return html`
      <section class=${state} data-state=${state}>
        <div class="status" role="status" aria-atomic="false">
          <button class="state" @click=${() => this.showMoreInfo("modbus")}>
            <span class="indicator" aria-hidden="true"></span>${format.texts[state]}
          </button>
          <alphaess-live-relative-time
            class="age"
            aria-live="off"
            .format=${ageText(view)}
          ></alphaess-live-relative-time>
          ${cause === null ? nothing : html`<p>${cause}</p>`}
        </div>
        <div class="actions">
          ${ACTIONS[state].map((action) =>
            action === null ? nothing : this.#button(action, format.texts[action.label]),
          )}
        </div>
      </section>
    `;
  }

  /** Animates the indicator once for each new set of values. */
  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("view");
    const isFresh = this.view?.mayAnimate === true && before?.measuredAt !== this.view.measuredAt;
    if (!isFresh || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.renderRoot
      .querySelector(".indicator")
      ?.animate([{ transform: "scale(1.45)" }, { transform: "scale(1)" }], ANIMATION);
  }

  #button(action: BannerAction, label: string): TemplateResult {
    return html`<button
      class="action ${action.labelled ? "labelled" : ""}"
      data-action=${action.type}
      aria-label=${label}
      title=${action.labelled ? nothing : label}
      @click=${() => this.emitAction({ type: action.type })}
    >
      ${icon(action.type)}${action.labelled ? label : nothing}
    </button>`;
  }

  static override styles = [
    sharedStyles,
    css`
      section {
        --indicator: var(--alphaess-secondary);
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        column-gap: 12px;
        padding: 4px 4px 4px 8px;
        border-radius: var(--ha-card-border-radius, 12px);
      }
      .live,
      .paused {
        --indicator: var(--alphaess-success);
      }
      .disconnected {
        --indicator: var(--alphaess-error);
      }
      .feed_lost {
        --indicator: var(--alphaess-warning);
      }
      section:not(.live, .connecting) {
        background: color-mix(in srgb, var(--indicator) 16%, transparent);
        padding-bottom: 12px;
      }
      .indicator {
        width: 0.8em;
        height: 0.8em;
        border-radius: 50%;
        background: var(--indicator);
      }
      .live .indicator {
        will-change: transform;
      }
      .paused .indicator {
        background: none;
        box-shadow: inset 0 0 0 3px var(--indicator);
      }
      .status {
        display: contents;
      }
      .state {
        display: flex;
        align-items: center;
        gap: 0.55em;
        padding: 0.3em 0.8em 0.3em 0.6em;
        border-radius: 2em;
        font-size: 1.07em;
        font-weight: 600;
        letter-spacing: 0.06em;
        white-space: nowrap;
      }
      .live .state {
        background: color-mix(in srgb, var(--indicator) 16%, transparent);
      }
      .age,
      p {
        grid-row: 2;
        grid-column: 1 / -1;
        margin: 0 8px;
      }
      .live .age {
        grid-row: 1;
        grid-column: 2;
        margin: 0;
        color: var(--alphaess-secondary);
        overflow: hidden;
        white-space: nowrap;
      }
      p {
        grid-row: 3;
        padding-top: 2px;
      }
      .actions {
        grid-row: 1;
        grid-column: 3;
        display: flex;
        min-height: 40px;
      }
    `,
  ];
}

/** Why the values are not live; null if they are, or if the user paused them. */
function causeText({ state, linkError, format }: View): string | null {
  const { texts } = format;
  switch (state) {
    case "disconnected":
      return linkError.kind === null ? texts.unknown_cause : texts[linkError.kind];
    case "feed_lost":
      return texts.feed_lost_cause;
    case "connecting":
      return texts.connecting_cause;
    default:
      return null;
  }
}

function ageText({ state, measuredAt, format }: View): (now: number) => string {
  if (measuredAt === null) return () => "";
  const age = (now: number): string => format.age((now - measuredAt) / 1000);
  if (state === "live") return age;
  return (now) => `${format.asOf(measuredAt, now)} · ${age(now)}`;
}
