// The banner alone: whether the inverter is connected, why not, and how old the values are.
import { Banner } from "./elements/banner";
import { Debug } from "./elements/debug";
import { FeedCard } from "./feed-card";
import { formOf, stubOf, type Form } from "./form";
import type { Hass } from "./ha";

export class StatusCard extends FeedCard {
  static readonly tag = "alphaess-live-status-card";

  static getConfigForm(): Form {
    return formOf(["show_debug"]);
  }

  static getStubConfig(hass: Hass): Readonly<Record<string, string>> {
    return stubOf(hass);
  }

  protected readonly elements = [Banner, Debug];

  getCardSize(): number {
    return 1;
  }

  getGridOptions(): Readonly<Record<string, number | string>> {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }
}
