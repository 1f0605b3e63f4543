// What the cards say, in Dutch.
import type { Words } from ".";

export const nl: Words = {
  live: "LIVE",
  paused: "GEPAUZEERD",
  disconnected: "VERBROKEN",
  feed_lost: "FEED KWIJT",
  connecting: "VERBINDEN",

  connecting_cause: "Wachten op de eerste waarden.",
  feed_lost_cause: "Geen verbinding met Home Assistant. Nieuwe poging gaat vanzelf.",
  refused:
    "De omvormer weigert de verbinding. Misschien gebruikt een ander programma zijn enige Modbus-plek.",
  timeout: "De omvormer antwoordt niet. Misschien staat hij uit of is hij van het netwerk los.",
  reset: "De omvormer sloot de verbinding. Nieuwe poging gaat vanzelf.",
  unreachable: "De omvormer is via het netwerk niet bereikbaar. Controleer kabel, wifi en adres.",
  busy: "De omvormer is bezet. Nieuwe poging gaat vanzelf.",
  protocol: "De omvormer antwoordt onbegrijpelijk. Controleer adres en apparaat-ID.",
  unknown_cause: "De omvormer antwoordt niet.",

  pause: "Pauzeren",
  resume: "Hervatten",
  retry: "Opnieuw",
  refresh: "Vernieuwen",
  stop: "Stoppen",
  keep: "Laten lopen",

  ago: "{age} geleden",
  as_of: "stand {time}",
  second: "s",
  minute: "min",
  hour: "u",
  day: "d",

  solar: "Zon",
  grid: "Net",
  grid_import: "Afname",
  grid_export: "Levering",
  battery: "Batterij",
  home: "Huis",
  power_flow: "Energiestroom",

  charging: "Laadt",
  discharging: "Ontlaadt",
  idle: "In rust",
  full_in: "vol over circa {time}",
  empty_in: "leeg over circa {time}",
  goal_in: "{soc} over circa {time}",
  full: "vol",

  fault: "Storing",
  warning: "Waarschuwing",
  fault_since: "Storing sinds {time}",
  warning_since: "Waarschuwing sinds {time}",
  and_more: "en nog {count}",

  today: "Vandaag",
  own_energy: "{percent} zelfvoorzienend",
  imported: "Afgenomen",
  exported: "Teruggeleverd",
  charged: "Geladen",
  discharged: "Ontladen",

  dispatch_charge: "Laadt met {power} tot {soc}",
  dispatch_discharge: "Ontlaadt met {power} tot {soc}",
  dispatch_hold: "De batterij houdt vast",
  dispatch_foreign: "Door een ander programma gestart",
  left: "nog {time}",
  stop_question: "Nu stoppen en de omvormer weer zelf laten beslissen?",
  stop_failed: "Stoppen lukte niet: {reason}",
  no_answer: "Home Assistant antwoordde niet.",

  no_inverter:
    "Er is nog geen AlphaESS-omvormer ingesteld: Instellingen → Apparaten en diensten → AlphaESS Live toevoegen.",
  unknown_inverter:
    "De omvormer “{device}” bestaat niet (meer). Kies een andere in de instellingen van deze kaart.",
  choose_inverter: "Er zijn meerdere omvormers. Kies er een in de instellingen van deze kaart: {names}.",
  not_boolean: "“{option}” moet true of false zijn, niet {value}. De standaard geldt.",
  not_text: "“{option}” moet een tekst zijn, niet {value}. Het wordt overgeslagen.",
  unknown_option: "Een optie “{option}” bestaat niet. Er zijn: {value}.",

  card_description: "Wat het huis doet, en of dat live is: energiestroom, batterij, vandaag, aansturing",
  status_description: "Of de omvormer verbonden is, waarom niet, hoe oud de waarden zijn, en wat er mis is",
  option_device: "Omvormer",
  option_title: "Titel",
  option_show_faults: "Storingen en waarschuwingen",
  option_show_flow: "Energiestroom",
  option_show_battery: "Batterij",
  option_show_today: "Energie van vandaag",
  option_show_dispatch: "Lopende aansturing",
  option_show_debug: "Toestand van de feed, om fouten te zoeken",
};
