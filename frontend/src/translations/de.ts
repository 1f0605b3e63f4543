// What the cards say, in German.
import type { Words } from ".";

export const de: Words = {
  live: "LIVE",
  paused: "PAUSIERT",
  disconnected: "GETRENNT",
  feed_lost: "FEED VERLOREN",
  connecting: "VERBINDE",

  connecting_cause: "Warten auf die ersten Werte.",
  feed_lost_cause: "Keine Verbindung zu Home Assistant. Neuer Versuch von selbst.",
  refused:
    "Der Wechselrichter lehnt ab. Vielleicht belegt ein anderes Programm seinen einzigen Modbus-Platz.",
  timeout: "Der Wechselrichter antwortet nicht. Vielleicht ist er aus oder vom Netzwerk getrennt.",
  reset: "Der Wechselrichter hat die Verbindung geschlossen. Neuer Versuch von selbst.",
  unreachable: "Der Wechselrichter ist im Netzwerk nicht erreichbar. Kabel, WLAN und Adresse prüfen.",
  busy: "Der Wechselrichter ist beschäftigt. Neuer Versuch von selbst.",
  protocol: "Der Wechselrichter antwortet unverständlich. Adresse und Geräte-ID prüfen.",
  unknown_cause: "Der Wechselrichter antwortet nicht.",

  pause: "Anhalten",
  resume: "Fortsetzen",
  retry: "Erneut",
  refresh: "Aktualisieren",
  stop: "Beenden",
  keep: "Weiterlaufen",

  ago: "vor {age}",
  as_of: "Stand {time}",
  second: "s",
  minute: "min",
  hour: "h",
  day: "d",

  solar: "Solar",
  grid: "Netz",
  grid_import: "Bezug",
  grid_export: "Einspeisung",
  battery: "Batterie",
  home: "Haus",
  power_flow: "Leistungsfluss",

  charging: "Lädt",
  discharging: "Entlädt",
  idle: "Ruht",
  full_in: "voll in etwa {time}",
  empty_in: "leer in etwa {time}",
  goal_in: "{soc} in etwa {time}",
  full: "voll",

  fault: "Störung",
  warning: "Warnung",
  fault_since: "Störung seit {time}",
  warning_since: "Warnung seit {time}",
  and_more: "und {count} weitere",

  today: "Heute",
  own_energy: "{percent} autark",
  imported: "Bezogen",
  exported: "Eingespeist",
  charged: "Geladen",
  discharged: "Entladen",

  dispatch_charge: "Lädt mit {power} bis {soc}",
  dispatch_discharge: "Entlädt mit {power} bis {soc}",
  dispatch_hold: "Die Batterie hält",
  dispatch_foreign: "Von einem anderen Programm gestartet",
  left: "noch {time}",
  stop_question: "Jetzt beenden und den Wechselrichter wieder selbst entscheiden lassen?",
  stop_failed: "Beenden ging nicht: {reason}",
  no_answer: "Home Assistant hat nicht geantwortet.",

  no_inverter:
    "Noch kein AlphaESS-Wechselrichter eingerichtet: Einstellungen → Geräte & Dienste → AlphaESS Live hinzufügen.",
  unknown_inverter:
    "Den Wechselrichter „{device}“ gibt es nicht (mehr). Bitte in dieser Karte einen anderen wählen.",
  choose_inverter: "Es gibt mehrere Wechselrichter. Bitte in dieser Karte einen wählen: {names}.",
  not_boolean: "„{option}“ muss true oder false sein, nicht {value}. Es gilt die Voreinstellung.",
  not_text: "„{option}“ muss ein Text sein, nicht {value}. Es wird übergangen.",
  unknown_option: "Eine Option „{option}“ gibt es nicht. Es gibt: {value}.",

  card_description: "Was das Haus tut, und ob das live ist: Leistungsfluss, Batterie, Heute, Steuerung",
  status_description:
    "Ob der Wechselrichter verbunden ist, warum nicht, wie alt die Werte sind, und was ihm fehlt",
  option_device: "Wechselrichter",
  option_title: "Titel",
  option_show_faults: "Störungen und Warnungen",
  option_show_flow: "Leistungsfluss",
  option_show_battery: "Batterie",
  option_show_today: "Energie von heute",
  option_show_dispatch: "Laufende Steuerung",
  option_show_debug: "Zustand des Feeds, zur Fehlersuche",
};
