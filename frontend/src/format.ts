// Numbers, times and durations the way this user of Home Assistant reads them; pure.
import type { Words } from "./translations";

/** What Home Assistant keeps about a user's taste in numbers and times. */
export interface Locale {
  readonly language: string;
  readonly number_format: string;
  readonly time_format: string;
  readonly time_zone?: string;
}

/** A number and its unit, apart, so that they can be set in different sizes. */
export interface Quantity {
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

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class Format {
  readonly #numbers: readonly Intl.NumberFormat[];
  readonly #plain: Intl.NumberFormat;
  readonly #percent: Intl.NumberFormat;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;

  constructor(
    locale: Locale,
    readonly words: Words,
    serverZone: string,
  ) {
    const numbers = numberLocales(locale);
    const grouping = locale.number_format !== "none";
    const build = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
      new Intl.NumberFormat(numbers, { useGrouping: grouping, ...options });
    this.#numbers = [0, 1, 2].map((digits) =>
      build({ minimumFractionDigits: digits, maximumFractionDigits: digits }),
    );
    this.#plain = build({ maximumFractionDigits: 2 });
    this.#percent = build({ style: "percent", maximumFractionDigits: 0 });
    const zone = locale.time_zone === "server" ? { timeZone: serverZone } : {};
    this.#time = timeFormat(locale, zone);
    this.#day = new Intl.DateTimeFormat(locale.language, { day: "numeric", month: "short", ...zone });
  }

  /** Watts below 1 kW, then kW: three digits or so, whatever the size. */
  power(watts: number | null): Quantity {
    if (watts === null) return { value: NO_VALUE, unit: "W" };
    const size = Math.abs(watts);
    if (Math.round(size) < 1000) return { value: this.#number(Math.round(size), 0), unit: "W" };
    return { value: this.#number(size / 1000, size < 9_995 ? 2 : 1), unit: "kW" };
  }

  /** A power that somebody chose: as short as it was said. */
  setting(watts: number | null): Quantity {
    if (watts === null || Math.abs(watts) < 1000) return this.power(watts);
    return { value: this.#plain.format(Math.abs(watts) / 1000), unit: "kW" };
  }

  energy(kilowattHours: number | null): Quantity {
    if (kilowattHours === null) return { value: NO_VALUE, unit: "kWh" };
    return { value: this.#number(kilowattHours, Math.abs(kilowattHours) < 99.95 ? 1 : 0), unit: "kWh" };
  }

  percent(value: number | null): string {
    return value === null ? NO_VALUE : this.#percent.format(value / 100);
  }

  /** 10:31, with the day before it when that is not today. */
  clock(moment: number, now: number): string {
    const day = this.#day.format(moment);
    const time = this.#time.format(moment);
    return day === this.#day.format(now) ? time : `${day}, ${time}`;
  }

  /** "as of 10:31". */
  asOf(moment: number, now: number): string {
    return fill(this.words.as_of, { time: this.clock(moment, now) });
  }

  /** "3 s ago", "12 min ago". */
  age(seconds: number): string {
    const { words } = this;
    return fill(words.ago, { age: this.duration(Math.max(0, seconds)) });
  }

  /** The largest unit, and with hours the minutes too. */
  duration(seconds: number): string {
    const { second, minute, hour, day } = this.words;
    const whole = Math.floor(seconds);
    if (whole < MINUTE) return `${whole} ${second}`;
    if (whole < HOUR) return `${Math.floor(whole / MINUTE)} ${minute}`;
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    if (whole >= DAY) return `${Math.floor(whole / DAY)} ${day}`;
    const hours = `${Math.floor(whole / HOUR)} ${hour}`;
    return minutes === 0 ? hours : `${hours} ${minutes} ${minute}`;
  }

  #number(value: number, digits: number): string {
    return this.#numbers[digits]?.format(value) ?? String(value);
  }
}

/** Puts values into the gaps of a sentence: `fill("{age} ago", { age: "3 s" })`. */
export function fill(sentence: string, values: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (gap, name: string) => values[name] ?? gap);
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
