// What both cards share: a configuration, Home Assistant, the inverter they are about, and its feed.
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { balance } from "./balance";
import type { ElementClass, ViewElement } from "./elements/element";
import { frame } from "./card.styles";
import { choose } from "./choice";
import { Hearing } from "./complaint";
import { check, type Checked, type Problem } from "./config";
import { USUAL } from "./facts";
import { feedOf, type Feed } from "./feed";
import { fill, Format } from "./format";
import {
  Finder,
  gateOf,
  invertersOf,
  showMoreInfo,
  UNAVAILABLE,
  type EntityState,
  type Hass,
  type Inverter,
} from "./ha";
import { measuredHere, NOTHING_YET, stateOf } from "./state";
import { theme } from "./theme";
import { wordsIn, type Words } from "./translations";
import { ACTION, type Action, type View } from "./view";
import { Watch } from "./watch";
import type { Power } from "./wire";

export abstract class FeedCard extends LitElement {
  /** What the configuration says, and what is wrong with it. */
  protected checked: Checked = check({});
  protected inverter: Inverter | null = null;
  protected feed: Feed | null = null;

  #hass: Hass | null = null;
  #format: Format | null = null;
  #refusal: string | null = null;
  #flows = { of: null as Power | null, flows: balance(NOTHING) };
  #parts: readonly { readonly element: ElementClass; readonly node: ViewElement }[] | null = null;
  /** Whether Home Assistant is there and has this integration running: after a restart it needs a while. */
  #up = true;
  readonly #hearing = new Hearing();
  readonly #finder = new Finder();
  readonly #watch = new Watch(this);

  constructor() {
    super();
    this.addEventListener(ACTION, ({ detail }) => this.act(detail));
  }

  setConfig(raw: unknown): void {
    this.checked = check(raw);
    this.#settle();
  }

  get hass(): Hass | null {
    return this.#hass;
  }

  /** Home Assistant calls this for each change of any entity; only what concerns a card may cost anything. */
  set hass(hass: Hass | null) {
    const before = this.#hass;
    this.#hass = hass;
    if (hass === null) return;
    if (before?.locale !== hass.locale || before.language !== hass.language) this.#format = null;
    if (this.#format === null || before?.devices !== hass.devices) this.#settle();
    const up = hass.connected && this.said("modbus") !== UNAVAILABLE;
    if (up && !this.#up) this.feed?.wake();
    this.#up = up;
    if (this.#listen()) this.requestUpdate();
  }

  /** The state of one of the inverter's entities, as Home Assistant tells it. */
  protected said(key: string): string | undefined {
    return this.#stateOf(key)?.state;
  }

  protected abstract readonly elements: readonly ElementClass[];

  protected get words(): Words {
    return this.#format?.words ?? wordsIn("en");
  }

  protected act(action: Action): void {
    switch (action.do) {
      case "pause":
        this.feed?.pause();
        break;
      case "resume":
        this.feed?.resume();
        break;
      case "refresh":
        this.feed?.refresh();
        break;
      case "look":
        this.#lookAt(action.at);
        break;
      case "stop":
        break;
    }
  }

  /** The view of a card that knows the live values and no more. */
  protected view(format: Format): View {
    const picture = this.feed?.picture ?? NOTHING_YET;
    const state = stateOf(picture);
    this.#listen();
    if (picture.power !== this.#flows.of) {
      this.#flows = { of: picture.power, flows: balance(picture.power ?? NOTHING) };
    }
    return {
      state,
      trouble: picture.trouble,
      power: picture.power,
      flows: this.#flows.flows,
      measuredAt: measuredHere(picture),
      moving: state === "live" && this.#watch.visible,
      complaint: this.#hearing.told,
      equipment: USUAL,
      today: null,
      dispatch: null,
      stopFailure: null,
      debug: this.feed === null ? "" : debugOf(this.feed),
      format,
    };
  }

  protected override render(): TemplateResult | typeof nothing {
    const { language } = this.#hass ?? {};
    if (this.#format === null || language === undefined) return nothing;
    if (this.#refusal !== null) this.removeAttribute("state");
    if (this.#refusal !== null) return this.#frame(html`<p class="problem">${this.#refusal}</p>`);
    const view = this.view(this.#format);
    this.setAttribute("state", view.state);
    this.#parts ??= this.elements.map((element) => ({ element, node: new element() }));
    const { config } = this.checked;
    const shown = this.#parts.filter(
      ({ element: { option, has } }) => (option === null || config[option]) && has(view),
    );
    for (const { node } of shown) node.view = view;
    const nodes = (beside: boolean): readonly ViewElement[] =>
      shown.filter(({ element }) => element.beside === beside).map(({ node }) => node);
    return this.#frame(
      html`<div class="parts">
        ${nodes(false)}
        <div class="beside">${nodes(true)}</div>
      </div>`,
    );
  }

  #frame(content: TemplateResult): TemplateResult {
    const { config, problems } = this.checked;
    const title = config.title ?? this.#nameAmongOthers();
    return html`<ha-card>
      ${title === null ? nothing : html`<h2>${title}</h2>`}
      ${problems.map((problem) => html`<p class="problem" role="alert">${sentenceFor(problem, this.words)}</p>`)}
      ${content}
    </ha-card>`;
  }

  /** With several inverters a card must say which one it shows. */
  #nameAmongOthers(): string | null {
    if (this.#hass === null || this.inverter === null) return null;
    return invertersOf(this.#hass).length > 1 ? this.inverter.name : null;
  }

  #settle(): void {
    const hass = this.#hass;
    if (hass === null) return;
    this.#format ??= new Format(hass.locale, wordsIn(hass.language), hass.config.time_zone);
    const choice = choose(invertersOf(hass), this.checked.config.device, this.#format.words);
    this.inverter = "inverter" in choice ? choice.inverter : null;
    this.#refusal = "complaint" in choice ? choice.complaint : null;
    this.feed = this.inverter === null ? null : feedOf(this.inverter.serial, gateOf(hass));
    this.#watch.follow(this.feed);
    this.requestUpdate();
  }

  #listen(): boolean {
    return this.#hearing.hear(this.#stateOf("faults"), this.#hass?.formatEntityState);
  }

  #lookAt(quantity: string): void {
    const entityId = this.#entity(quantity);
    if (entityId !== null) showMoreInfo(this, entityId);
  }

  #stateOf(key: string): EntityState | undefined {
    const entityId = this.#entity(key);
    return entityId === null ? undefined : this.#hass?.states[entityId];
  }

  #entity(key: string): string | null {
    if (this.#hass === null || this.inverter === null) return null;
    return this.#finder.find(this.#hass, this.inverter.deviceId, key);
  }

  static override styles = [theme, frame];
}

const NOTHING: Power = { soc: null, battery: null, pv: null, grid: null, load: null };

function sentenceFor({ kind, option, value }: Problem, words: Words): string {
  return fill(words[kind], { option, value });
}

function debugOf({ picture, failures, messages, serial }: Feed): string {
  const { link, seq, connected, skew, trouble } = picture;
  const state = `${serial} · socket ${link} · inverter ${String(connected)} · seq ${seq ?? "–"} · ${messages} messages · ${failures} failures · clock ${skew ?? "–"} ms`;
  return trouble.message === null ? state : `${state} · ${trouble.message}`;
}
