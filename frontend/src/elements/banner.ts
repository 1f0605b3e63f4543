// Is it live? The state in one word, the cause in a sentence, the age of the values, and what can be done.
import { css, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import type { State } from "../state";
import type { View } from "../view";
import { ViewElement } from "./element";
import { icon, type Icon } from "./icons";
import { RHYTHM } from "./stream";
import { shared } from "./styles";

interface Offer {
  readonly does: "pause" | "resume" | "refresh";
  readonly icon: Icon;
  readonly label: "pause" | "resume" | "refresh" | "retry";
  /** Whether the word stands beside the sign: for the one thing that a user most likely wants. */
  readonly worded: boolean;
}

const PAUSE: Offer = { does: "pause", icon: "pause", label: "pause", worded: false };
const RESUME: Offer = { does: "resume", icon: "play", label: "resume", worded: true };
const REFRESH: Offer = { does: "refresh", icon: "refresh", label: "refresh", worded: false };
const RETRY: Offer = { does: "refresh", icon: "refresh", label: "retry", worded: true };

const OFFERS: Readonly<Record<State, readonly Offer[]>> = {
  live: [PAUSE, REFRESH],
  paused: [RESUME],
  disconnected: [RETRY],
  feed_lost: [RETRY],
  connecting: [],
};

export class Banner extends ViewElement {
  static readonly tag = "alphaess-live-banner";
  static readonly option = null;
  static readonly beside = false;

  static has(): boolean {
    return true;
  }

  protected readonly reads = ["state", "trouble", "measuredAt", "format"] as const;

  protected override render(): TemplateResult | typeof nothing {
    const { view } = this;
    if (view === undefined) return nothing;
    const { state, format } = view;
    const cause = causeOf(view);
    return html`
      <section class=${state} data-state=${state}>
        <div class="words" role="status" aria-atomic="false">
          <button class="state" @click=${() => this.act({ do: "look", at: "modbus" })}>
            <span class="lamp" aria-hidden="true"></span>${format.words[state]}
          </button>
          <alphaess-live-tick class="age" aria-live="off" .say=${ageOf(view)}></alphaess-live-tick>
          ${cause === null ? nothing : html`<p>${cause}</p>`}
        </div>
        <div class="offers">
          ${OFFERS[state].map((offer) => this.#button(offer, format.words[offer.label]))}
        </div>
      </section>
    `;
  }

  /** The heartbeat: each fresh set of values makes the lamp glow once. */
  protected override updated(changed: PropertyValues<this>): void {
    const before = changed.get("view");
    const beats = this.view?.moving === true && before?.measuredAt !== this.view.measuredAt;
    if (!beats || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.renderRoot
      .querySelector(".lamp")
      ?.animate([{ transform: "scale(1.45)" }, { transform: "scale(1)" }], RHYTHM);
  }

  #button(offer: Offer, label: string): TemplateResult {
    return html`<button
      class="action ${offer.worded ? "worded" : ""}"
      data-does=${offer.does}
      aria-label=${label}
      title=${offer.worded ? nothing : label}
      @click=${() => this.act({ do: offer.does })}
    >
      ${icon(offer.icon)}${offer.worded ? label : nothing}
    </button>`;
  }

  static override styles = [
    shared,
    css`
      section {
        --lamp: var(--alphaess-quiet);
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        column-gap: 12px;
        padding: 4px 4px 4px 8px;
        border-radius: var(--ha-card-border-radius, 12px);
      }
      .live,
      .paused {
        --lamp: var(--alphaess-good);
      }
      .disconnected {
        --lamp: var(--alphaess-bad);
      }
      .feed_lost {
        --lamp: var(--alphaess-uncertain);
      }
      section:not(.live, .connecting) {
        background: color-mix(in srgb, var(--lamp) 16%, transparent);
        padding-bottom: 12px;
      }
      .lamp {
        width: 0.8em;
        height: 0.8em;
        border-radius: 50%;
        background: var(--lamp);
      }
      .live .lamp {
        will-change: transform;
      }
      .paused .lamp {
        background: none;
        box-shadow: inset 0 0 0 3px var(--lamp);
      }
      .words {
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
        background: color-mix(in srgb, var(--lamp) 16%, transparent);
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
        color: var(--alphaess-quiet);
        overflow: hidden;
        white-space: nowrap;
      }
      p {
        grid-row: 3;
        padding-top: 2px;
      }
      .offers {
        grid-row: 1;
        grid-column: 3;
        display: flex;
        min-height: 40px;
      }
    `,
  ];
}

/** Why the values are not live, in words; null while there is nothing to explain. */
function causeOf({ state, trouble, format }: View): string | null {
  const { words } = format;
  switch (state) {
    case "disconnected":
      return trouble.kind === null ? words.unknown_cause : words[trouble.kind];
    case "feed_lost":
      return words.feed_lost_cause;
    case "connecting":
      return words.connecting_cause;
    default:
      return null;
  }
}

function ageOf({ state, measuredAt, format }: View): (now: number) => string {
  if (measuredAt === null) return () => "";
  const age = (now: number): string => format.age((now - measuredAt) / 1000);
  if (state === "live") return age;
  return (now) => `${format.asOf(measuredAt, now)} · ${age(now)}`;
}
