// The base class of both cards: the configuration, Home Assistant, the selected inverter and its feed.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { parseConfig, resolveInverter, type ConfigProblem, type ParsedConfig } from "./config";
import type { ElementClass, ViewElement } from "./elements/element";
import { FaultMemo } from "./fault";
import { sharedFeed, type Feed } from "./feed";
import { cardStyles, theme } from "./feed-card.styles";
import { displayState, INITIAL_STATE, localMeasuredAt } from "./feed-state";
import { fillPlaceholders, Format } from "./format";
import {
  EntityLookup,
  feedTransport,
  listInverters,
  showMoreInfo,
  UNAVAILABLE,
  type EntityState,
  type Hass,
  type Inverter,
} from "./ha";
import type { Power } from "./messages";
import { distributePower } from "./power-flow";
import { DEFAULT_EQUIPMENT } from "./rest-parsers";
import { textsFor, type Texts } from "./translations";
import { ACTION, type Action, type View } from "./view";
import { VisibilityController } from "./visibility";

export abstract class FeedCard extends LitElement {
  protected parsed: ParsedConfig = parseConfig({});
  protected inverter: Inverter | null = null;
  protected feed: Feed | null = null;

  #hass: Hass | null = null;
  #format: Format | null = null;
  #problem: string | null = null;
  #flows = { power: null as Power | null, flows: distributePower(NO_POWER) };
  #elements: readonly { readonly element: ElementClass; readonly node: ViewElement }[] | null = null;
  /** Whether Home Assistant is connected and has loaded the integration, which takes some time after a restart. */
  #isAvailable = true;
  readonly #faultMemo = new FaultMemo();
  readonly #entityLookup = new EntityLookup();
  readonly #visibility = new VisibilityController(this);

  constructor() {
    super();
    this.addEventListener(ACTION, ({ detail }) => this.onAction(detail));
  }

  setConfig(raw: unknown): void {
    this.parsed = parseConfig(raw);
    this.#resolveInverter();
  }

  get hass(): Hass | null {
    return this.#hass;
  }

  /** Home Assistant calls this for each state change of any entity, so an unrelated change must cost nothing. */
  set hass(hass: Hass | null) {
    const before = this.#hass;
    this.#hass = hass;
    if (hass === null) return;
    if (before?.locale !== hass.locale || before.language !== hass.language) this.#format = null;
    if (this.#format === null || before?.devices !== hass.devices) this.#resolveInverter();
    const isAvailable = hass.connected && this.entityState("modbus") !== UNAVAILABLE;
    if (isAvailable && !this.#isAvailable) this.feed?.retryNow();
    this.#isAvailable = isAvailable;
    if (this.#updateFault()) this.requestUpdate();
  }

  /** The state of the inverter's entity with this translation key. */
  protected entityState(key: string): string | undefined {
    return this.#entity(key)?.state;
  }

  protected abstract readonly elementClasses: readonly ElementClass[];

  protected onAction(action: Action): void {
    switch (action.type) {
      case "pause":
        this.feed?.pause();
        break;
      case "resume":
        this.feed?.resume();
        break;
      case "refresh":
        this.feed?.refresh();
        break;
      case "more-info":
        this.#showMoreInfo(action.entityKey);
        break;
      case "stop":
      case "hold":
        break;
    }
  }

  /** Builds the view from the live values. A card that has more data adds it. */
  protected buildView(format: Format): View {
    const feedState = this.feed?.state ?? INITIAL_STATE;
    const state = displayState(feedState);
    this.#updateFault();
    if (feedState.power !== this.#flows.power) {
      this.#flows = { power: feedState.power, flows: distributePower(feedState.power ?? NO_POWER) };
    }
    return {
      state,
      linkError: feedState.linkError,
      power: feedState.power,
      flows: this.#flows.flows,
      measuredAt: localMeasuredAt(feedState),
      mayAnimate: state === "live" && this.#visibility.isVisible,
      fault: this.#faultMemo.fault,
      equipment: DEFAULT_EQUIPMENT,
      today: null,
      dispatch: null,
      orderFailure: null,
      debug: this.feed === null ? "" : debugText(this.feed),
      format,
    };
  }

  protected override render(): TemplateResult | typeof nothing {
    const { language } = this.#hass ?? {};
    const format = this.#format;
    if (format === null || language === undefined) return nothing;
    if (this.#problem !== null) {
      this.removeAttribute("state");
      return this.#frame(html`<p class="problem">${this.#problem}</p>`, format);
    }
    const view = this.buildView(format);
    this.setAttribute("state", view.state);
    this.#elements ??= this.elementClasses.map((element) => ({ element, node: new element() }));
    const { config } = this.parsed;
    const shown = this.#elements.filter(
      ({ element }) => (!element.option || config[element.option]) && element.hasContent?.(view) !== false,
    );
    for (const { node } of shown) node.view = view;
    const nodes = (inSideColumn: boolean): readonly ViewElement[] =>
      shown.filter(({ element }) => Boolean(element.inSideColumn) === inSideColumn).map(({ node }) => node);
    return this.#frame(
      html`<div class="elements">
        ${nodes(false)}
        <div class="side-column">${nodes(true)}</div>
      </div>`,
      format,
    );
  }

  #frame(content: TemplateResult, { texts }: Format): TemplateResult {
    const { config, problems } = this.parsed;
    const title = config.title ?? this.#defaultTitle();
    return html`<ha-card>
      ${title === null ? nothing : html`<h2>${title}</h2>`}
      ${problems.map((problem) => html`<p class="problem" role="alert">${problemText(problem, texts)}</p>`)}
      ${content}
    </ha-card>`;
  }

  /** With several inverters the title is the inverter's name. */
  #defaultTitle(): string | null {
    if (this.#hass === null || this.inverter === null) return null;
    return listInverters(this.#hass).length > 1 ? this.inverter.name : null;
  }

  #resolveInverter(): void {
    const hass = this.#hass;
    if (hass === null) return;
    this.#format ??= new Format(hass.locale, textsFor(hass.language), hass.config.time_zone);
    const resolved = resolveInverter(listInverters(hass), this.parsed.config.device, this.#format.texts);
    this.inverter = "inverter" in resolved ? resolved.inverter : null;
    this.#problem = "problem" in resolved ? resolved.problem : null;
    this.feed = this.inverter === null ? null : sharedFeed(this.inverter.serial, feedTransport(hass));
    this.#visibility.setFeed(this.feed);
    this.requestUpdate();
  }

  #updateFault(): boolean {
    return this.#faultMemo.update(this.#entity("faults"), this.#hass?.formatEntityState);
  }

  #showMoreInfo(entityKey: string): void {
    const entityId = this.#entityId(entityKey);
    if (entityId !== null) showMoreInfo(this, entityId);
  }

  #entity(key: string): EntityState | undefined {
    const entityId = this.#entityId(key);
    return entityId === null ? undefined : this.#hass?.states[entityId];
  }

  #entityId(key: string): string | null {
    if (this.#hass === null || this.inverter === null) return null;
    return this.#entityLookup.find(this.#hass, this.inverter.deviceId, key);
  }

  static override styles = [theme, cardStyles];
}

const NO_POWER: Power = { soc: null, battery: null, pv: null, grid: null, load: null };

function problemText({ kind, option, value }: ConfigProblem, texts: Texts): string {
  return fillPlaceholders(texts[kind], { option, value });
}

function debugText({ state, failures, messages, serial }: Feed): string {
  const { socket, seq, connected, clockOffset, linkError } = state;
  const text = `${serial} · socket ${socket} · inverter ${String(connected)} · seq ${seq ?? "–"} · ${messages} messages · ${failures} failures · clock ${clockOffset ?? "–"} ms`;
  return linkError.message === null ? text : `${text} · ${linkError.message}`;
}
