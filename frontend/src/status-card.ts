// The banner and no values: whether the inverter is connected, why not, how old the values are, and what is wrong with it.
import { Banner } from "./elements/banner";
import { ComplaintElement } from "./elements/complaint";
import { Debug } from "./elements/debug";
import { FeedCard } from "./feed-card";
import { formOf, stubOf, type Form } from "./form";
import type { Hass } from "./ha";

export class StatusCard extends FeedCard {
  static readonly tag = "alphaess-live-status-card";

  static getConfigForm(): Form {
    return formOf(["show_faults", "show_debug"]);
  }

  static getStubConfig(hass: Hass): Readonly<Record<string, string>> {
    return stubOf(hass);
  }

  protected readonly elements = [Banner, ComplaintElement, Debug];

  getCardSize(): number {
    return 1;
  }

  getGridOptions(): Readonly<Record<string, number | string>> {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }
}
