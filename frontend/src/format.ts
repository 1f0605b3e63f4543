// Formats numbers, times and durations according to the user's settings in Home Assistant; pure.
import type { Texts } from "./translations";

/** The user's number and time settings in Home Assistant. */
export interface Locale {
  readonly language: string;
  readonly number_format: string;
  readonly time_format: string;
  readonly time_zone?: string;
}

/** A number and its unit, separate because they are displayed in different sizes. */
export interface FormattedValue {
  readonly value: string;
  readonly unit: string;
}

export const NO_VALUE = "–";

const NUMBER_LOCALES: Readonly<Record<string, string[]>> = {
  comma_decimal: ["en-US", "en"],
  decimal_comma: ["de", "es", "it"],
  space_comma: ["fr", "sv", "cs"],
  quote_decimal: ["de-CH"],
};

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 60 * MINUTE_SECONDS;
const DAY_SECONDS = 24 * HOUR_SECONDS;

export class Format {
  readonly #numbers: readonly Intl.NumberFormat[];
  readonly #plain: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(
    locale: Locale,
    readonly texts: Texts,
    serverZone: string,
  ) {
    const numbers = numberLocales(locale);
    const grouping = locale.number_format !== "none";
    const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
      new Intl.NumberFormat(numbers, { useGrouping: grouping, ...options });
    this.#numbers = [0, 1, 2].map((digits) =>
      numberFormat({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
    );
    this.#plain = numberFormat({ maximumFractionDigits: 2 });
    this.#percent = numberFormat({ style: "percent", maximumFractionDigits: 0 });
    const zone = locale.time_zone === "server" ? { timeZone: serverZone } : {};
    this.#time = timeFormat(locale, zone);
    this.#day = new Intl.DateTimeFormat(locale.language, { day: "numeric", month: "short", ...zone });
  }

  /** In W below 1 kW, otherwise in kW with three significant digits. */
  power(watts: number | null): FormattedValue {
    if (watts === null) return { value: NO_VALUE, unit: "W" };
    const size = Math.abs(watts);
    if (Math.round(size) < 1000) return { value: this.#number(Math.round(size), 0), unit: "W" };
    return { value: this.#number(size / 1000, size < 9_995 ? 2 : 1), unit: "kW" };
  }

  /** A power that was ordered: without trailing zeros. */
  setpoint(watts: number | null): FormattedValue {
    if (watts === null || Math.abs(watts) < 1000) return this.power(watts);
    return { value: this.#plain.format(Math.abs(watts) / 1000), unit: "kW" };
  }

  energy(kilowattHours: number | null): FormattedValue {
    if (kilowattHours === null) return { value: NO_VALUE, unit: "kWh" };
    return { value: this.#number(kilowattHours, Math.abs(kilowattHours) < 99.95 ? 1 : 0), unit: "kWh" };
  }

  percent(value: number | null): string {
    return value === null ? NO_VALUE : this.#percent.format(value / 100);
  }

  /** "10:31", with the date if it is not today. */
  time(timestamp: number, now: number): string {
    const day = this.#day.format(timestamp);
    const time = this.#time.format(timestamp);
    return day === this.#day.format(now) ? time : `${day}, ${time}`;
  }

  /** "as of 10:31". */
  asOf(timestamp: number, now: number): string {
    return fillPlaceholders(this.texts.as_of, { time: this.time(timestamp, now) });
  }

  /** "3 s ago", "12 min ago". */
  age(seconds: number): string {
    const { texts } = this;
    return fillPlaceholders(texts.ago, { age: this.duration(Math.max(0, seconds)) });
  }

  /** In the largest unit; hours with minutes. */
  duration(seconds: number): string {
    const { second, minute, hour, day } = this.texts;
    const whole = Math.floor(seconds);
    if (whole < MINUTE_SECONDS) return `${whole} ${second}`;
    if (whole < HOUR_SECONDS) return `${Math.floor(whole / MINUTE_SECONDS)} ${minute}`;
    const minutes = Math.floor((whole % HOUR_SECONDS) / MINUTE_SECONDS);
    if (whole >= DAY_SECONDS) return `${Math.floor(whole / DAY_SECONDS)} ${day}`;
    const hours = `${Math.floor(whole / HOUR_SECONDS)} ${hour}`;
    return minutes === 0 ? hours : `${hours} ${minutes} ${minute}`;
  }

  #number(value: number, digits: number): string {
    return this.#numbers[digits]?.format(value) ?? String(value);
  }
}

/** Replaces placeholders: `fillPlaceholders("{age} ago", { age: "3 s" })`. */
export function fillPlaceholders(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder);
}

function numberLocales(locale: Locale): string[] | string | undefined {
  if (locale.number_format === "system") return undefined;
  if (locale.number_format === "none") return "en-US";
  return NUMBER_LOCALES[locale.number_format] ?? locale.language;
}

function timeFormat(locale: Locale, zone: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const cycle: Readonly<Record<string, Intl.DateTimeFormatOptions>> = {
    "12": { hour12: true },
    "24": { hourCycle: "h23" },
  };
  const language = locale.time_format === "system" ? undefined : locale.language;
  return new Intl.DateTimeFormat(language, {
    hour: "numeric",
    minute: "2-digit",
    ...cycle[locale.time_format],
    ...zone,
  });
}
