// The card without values: connection state, its cause, age of the values, and faults.
import { configForm, stubConfig, type ConfigForm } from "./config-form";
import { BannerElement } from "./elements/banner";
import { DebugElement } from "./elements/debug";
import { FaultElement } from "./elements/fault";
import { FeedCard } from "./feed-card";
import type { Hass } from "./ha";

export class StatusCard extends FeedCard {
  static readonly tag = "alphaess-live-status-card";

  static getConfigForm(): ConfigForm {
    return configForm(["show_faults", "show_debug"]);
  }

  static getStubConfig(hass: Hass): Readonly<Record<string, string>> {
    return stubConfig(hass);
  }

  protected readonly elementClasses = [BannerElement, FaultElement, DebugElement];

  getCardSize(): number {
    return 1;
  }

  getGridOptions(): Readonly<Record<string, number | string>> {
    return { columns: 12, rows: "auto", min_columns: 6 };
  }
}
