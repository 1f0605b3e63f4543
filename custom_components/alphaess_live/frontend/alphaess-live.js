/* Built from frontend/ by `npm run build`; edit there, never here. */
var e={comma_decimal:[`en-US`,`en`],decimal_comma:[`de`,`es`,`it`],space_comma:[`fr`,`sv`,`cs`],quote_decimal:[`de-CH`]},t=60,n=3600,r=24*n,i=class{texts;#e;#t;#n;#r;#i;constructor(e,t,n){this.texts=t;let r=o(e),i=e.number_format!==`none`,a=e=>new Intl.NumberFormat(r,{useGrouping:i,...e});this.#e=[0,1,2].map(e=>a({minimumFractionDigits:e,maximumFractionDigits:e})),this.#t=a({maximumFractionDigits:2}),this.#n=a({style:`percent`,maximumFractionDigits:0});let c=e.time_zone===`server`?{timeZone:n}:{};this.#r=s(e,c),this.#i=new Intl.DateTimeFormat(e.language,{day:`numeric`,month:`short`,...c})}power(e){if(e===null)return{value:`–`,unit:`W`};let t=Math.abs(e);return Math.round(t)<1e3?{value:this.#a(Math.round(t),0),unit:`W`}:{value:this.#a(t/1e3,t<9995?2:1),unit:`kW`}}setpoint(e){return e===null||Math.abs(e)<1e3?this.power(e):{value:this.#t.format(Math.abs(e)/1e3),unit:`kW`}}energy(e){return e===null?{value:`–`,unit:`kWh`}:{value:this.#a(e,+(Math.abs(e)<99.95)),unit:`kWh`}}percent(e){return e===null?`–`:this.#n.format(e/100)}time(e,t){let n=this.#i.format(e),r=this.#r.format(e);return n===this.#i.format(t)?r:`${n}, ${r}`}asOf(e,t){return a(this.texts.as_of,{time:this.time(e,t)})}age(e){let{texts:t}=this;return a(t.ago,{age:this.duration(Math.max(0,e))})}duration(e){let{second:i,minute:a,hour:o,day:s}=this.texts,c=Math.floor(e);if(c<t)return`${c} ${i}`;if(c<n)return`${Math.floor(c/t)} ${a}`;let l=Math.floor(c%n/t);if(c>=r)return`${Math.floor(c/r)} ${s}`;let u=`${Math.floor(c/n)} ${o}`;return l===0?u:`${u} ${l} ${a}`}#a(e,t){return this.#e[t]?.format(e)??String(e)}};function a(e,t){return e.replace(/\{(\w+)\}/g,(e,n)=>t[n]??e)}function o(t){if(t.number_format!==`system`)return t.number_format===`none`?`en-US`:e[t.number_format]??t.language}function s(e,t){let n={12:{hour12:!0},24:{hourCycle:`h23`}},r=e.time_format===`system`?void 0:e.language;return new Intl.DateTimeFormat(r,{hour:`numeric`,minute:`2-digit`,...n[e.time_format],...t})}var c={show_faults:!0,show_flow:!0,show_battery:!0,show_today:!0,show_dispatch:!0,show_control:!1,show_debug:!1},l=Object.keys(c);function u(e){if(typeof e!=`object`||!e||Array.isArray(e))throw Error(`The configuration of an AlphaESS Live card must be a mapping of options.`);let t=e,n=[],r=e=>{let r=t[e];return r==null||r===``?null:typeof r==`string`?r:(n.push({kind:`not_text`,option:e,value:JSON.stringify(r)}),null)};return{config:{type:typeof t.type==`string`?t.type:``,device:r(`device`),title:r(`title`),...d(t,n)},problems:[...n,...ee(t)]}}function d(e,t){let n={...c};for(let r of l){let i=e[r];typeof i==`boolean`?n[r]=i:i!=null&&t.push({kind:`not_boolean`,option:r,value:JSON.stringify(i)})}return n}function ee(e){return Object.keys(e).filter(e=>e.startsWith(`show_`)&&!l.some(t=>t===e)).map(e=>({kind:`unknown_option`,option:e,value:l.join(`, `)}))}function te(e,t,n){if(t!==null){let r=e.find(({deviceId:e,serial:n})=>e===t||n===t);return r?{inverter:r}:{problem:a(n.unknown_inverter,{device:t})}}let[r,...i]=e;if(r===void 0)return{problem:n.no_inverter};if(i.length===0)return{inverter:r};let o=e.map(({name:e,serial:t})=>`${e} (${t})`).join(`, `);return{problem:a(n.choose_inverter,{names:o})}}var ne=[`refused`,`timeout`,`reset`,`unreachable`,`busy`,`protocol`,`polling_off`,`internal`];function re(e){let t=typeof e==`string`?ie(e):null;if(t===null)return null;let n=typeof t.timestamp==`string`?Date.parse(t.timestamp):NaN;if(Number.isNaN(n))return null;let r={timestamp:n,seq:p(t.seq)};switch(t.type){case`connection_status`:return{...r,type:`status`,connected:t.connected===!0,linkError:oe(t)};case`power_update`:return{...r,type:`power`,power:ae(f(t.data))};case`modbus_connected`:return{...r,type:`connected`};case`modbus_disconnected`:return{...r,type:`disconnected`,linkError:se(t)};default:return null}}function ie(e){try{return f(JSON.parse(e))}catch{return null}}function ae(e){let t=f(e.battery);return{soc:p(t.soc),battery:p(t.power),pv:p(f(e.pv).power),grid:p(f(e.grid).power),load:p(f(e.load).power)}}function oe(e){return se(f(e.connectionStatus))}function se(e){let t=ne.find(t=>t===e.errorKind)??null,n=e.errorMessage;return{kind:t,message:typeof n==`string`?n:null}}function f(e){return typeof e==`object`&&e?e:{}}function p(e){return typeof e==`number`&&Number.isFinite(e)?e:null}var ce=`alphaess_live`;function m(e){return Object.values(e.devices).flatMap(e=>{let t=e.identifiers.find(([e])=>e===ce)?.[1];return t===void 0||e.via_device_id?[]:[{deviceId:e.id,serial:t,name:e.name_by_user??e.name??t}]}).sort((e,t)=>e.name.localeCompare(t.name))}var le=class{#e=null;#t=new Map;find(e,t,n){e.entities!==this.#e&&this.#t.clear(),this.#e=e.entities;let r=this.#t.get(t+n);if(r!==void 0)return r;let i=Object.values(e.entities).find(e=>e.device_id===t&&e.platform===`alphaess_live`&&e.translation_key===n);return this.#t.set(t+n,i?.entity_id??null),i?.entity_id??null}};function ue(e,t){e.dispatchEvent(new CustomEvent(`hass-more-info`,{bubbles:!0,composed:!0,detail:{entityId:t}}))}function de(e){return{async sign(t){let{path:n}=f(await e.callWS({type:`auth/sign_path`,path:t,expires:30}));if(typeof n!=`string`)throw Error(`Home Assistant did not sign the path of the feed.`);return n},socketUrl:t=>e.hassUrl(t).replace(/^http/,`ws`)}}var fe={live:`LIVE`,paused:`PAUSIERT`,disconnected:`GETRENNT`,feed_lost:`FEED VERLOREN`,connecting:`VERBINDE`,connecting_cause:`Warten auf die ersten Werte.`,feed_lost_cause:`Keine Verbindung zu Home Assistant. Sie wird automatisch neu aufgebaut.`,refused:`Der Wechselrichter lehnt die Verbindung ab. Vielleicht nutzt ein anderes Programm seine einzige Modbus-Verbindung.`,timeout:`Der Wechselrichter antwortet nicht. Vielleicht ist er aus oder vom Netzwerk getrennt.`,reset:`Der Wechselrichter hat die Verbindung geschlossen. Sie wird automatisch neu aufgebaut.`,unreachable:`Der Wechselrichter ist im Netzwerk nicht erreichbar. Netzwerkkabel und Adresse prüfen.`,busy:`Der Wechselrichter ist beschäftigt. Neuer Versuch automatisch.`,protocol:`Der Wechselrichter sendet ungültige Antworten. Adresse und Geräte-ID prüfen.`,polling_off:`Die regelmäßige Abfrage ist in den Systemoptionen dieses Wechselrichters ausgeschaltet. Er wird nur auf Anforderung abgefragt.`,internal:`Unerwarteter Fehler. Siehe Protokoll von Home Assistant.`,unknown_cause:`Der Wechselrichter antwortet nicht.`,pause:`Anhalten`,resume:`Fortsetzen`,retry:`Erneut`,refresh:`Aktualisieren`,stop:`Beenden`,keep_running:`Nicht beenden`,ago:`vor {age}`,as_of:`Stand {time}`,second:`s`,minute:`min`,hour:`h`,day:`d`,solar:`Solar`,grid:`Netz`,grid_import:`Bezug`,grid_export:`Einspeisung`,battery:`Batterie`,home:`Haus`,power_flow:`Leistungsfluss`,charging:`Lädt`,discharging:`Entlädt`,idle:`Ruht`,full_in:`voll in etwa {time}`,empty_in:`leer in etwa {time}`,target_in:`{soc} in etwa {time}`,full:`voll`,fault:`Störung`,warning:`Warnung`,fault_since:`Störung seit {time}`,warning_since:`Warnung seit {time}`,more_faults:`und {count} weitere`,today:`Heute`,self_sufficiency:`{percent} autark`,imported:`Bezogen`,exported:`Eingespeist`,charged:`Geladen`,discharged:`Entladen`,dispatch_charge:`Lädt mit {power} bis {soc}`,dispatch_discharge:`Entlädt mit {power} bis {soc}`,dispatch_at_target:`Hält am Ziel von {soc}`,dispatch_hold:`Die Batterie wird gehalten`,dispatch_block_discharge:`Die Batterie wird nicht entladen`,dispatch_block_charge:`Die Batterie wird nicht geladen`,dispatch_grid_zero:`Hält das Netz bei 0 W`,dispatch_grid_import:`Hält {power} Netzbezug`,dispatch_grid_export:`Hält {power} Einspeisung`,dispatch_other:`Ein anderer Modus ist aktiv`,dispatch_foreign:`Von einem anderen Programm gestartet`,remaining:`noch {time}`,stop_confirmation:`Jetzt beenden? Der Wechselrichter steuert dann wieder automatisch.`,control:`Batterie halten`,hold:`Halten`,block_discharge:`Nicht entladen`,block_charge:`Nicht laden`,how_long:`{order}: wie lange?`,cancel:`Abbrechen`,order_failed:`Der Auftrag ist fehlgeschlagen: {reason}`,stop_failed:`Beenden fehlgeschlagen: {reason}`,stop_foreign:`Jetzt steuert ein anderes Programm die Batterie.`,stop_forbidden:`Die Berechtigung fehlt, oder die Steuerung ist ausgeschaltet.`,stop_not_applied:`Der Wechselrichter hat den Befehl nicht angenommen.`,stop_not_configured:`Der Wechselrichter ist nicht mehr eingerichtet.`,stop_too_early:`Die Nennleistung des Wechselrichters ist noch nicht bekannt. Versuchen Sie es in einer Minute noch einmal.`,stop_error:`Home Assistant meldet einen Fehler.`,no_answer:`Home Assistant hat nicht geantwortet.`,no_inverter:`Noch kein AlphaESS-Wechselrichter eingerichtet: Einstellungen → Geräte & Dienste → AlphaESS Live hinzufügen.`,unknown_inverter:`Den Wechselrichter „{device}“ gibt es nicht (mehr). Bitte in dieser Karte einen anderen wählen.`,choose_inverter:`Es gibt mehrere Wechselrichter. Bitte in dieser Karte einen wählen: {names}.`,not_boolean:`„{option}“ muss true oder false sein, nicht {value}. Die Voreinstellung wird verwendet.`,not_text:`„{option}“ muss ein Text sein, nicht {value}. Die Angabe wird ignoriert.`,unknown_option:`Eine Option „{option}“ gibt es nicht. Gültige Optionen: {value}.`,card_description:`Verbindungszustand, Leistungsfluss, Batterie, Energie von heute und Steuerung`,status_description:`Verbindungszustand mit Ursache, Alter der Werte, Störungen und Warnungen`,option_device:`Wechselrichter`,option_title:`Titel`,option_show_faults:`Störungen und Warnungen`,option_show_flow:`Leistungsfluss`,option_show_battery:`Batterie`,option_show_today:`Energie von heute`,option_show_dispatch:`Laufende Steuerung`,option_show_control:`Knöpfe zum Halten der Batterie`,option_show_debug:`Zustand des Feeds, zur Fehlersuche`},pe={live:`LIVE`,paused:`PAUSED`,disconnected:`DISCONNECTED`,feed_lost:`FEED LOST`,connecting:`CONNECTING`,connecting_cause:`Waiting for the first values.`,feed_lost_cause:`No connection to Home Assistant. Reconnecting automatically.`,refused:`The inverter refuses the connection. Another program may be using its only Modbus connection.`,timeout:`The inverter does not answer. It may be switched off or disconnected.`,reset:`The inverter closed the connection. Reconnecting automatically.`,unreachable:`The inverter cannot be reached over the network. Check its network cable and its address.`,busy:`The inverter is busy. Retrying automatically.`,protocol:`The inverter sends invalid answers. Check the address and the unit ID.`,polling_off:`Polling is switched off in the system options of this inverter. It is read only on request.`,internal:`Unexpected error. See the log of Home Assistant.`,unknown_cause:`The inverter does not answer.`,pause:`Pause`,resume:`Resume`,retry:`Retry`,refresh:`Refresh`,stop:`Stop`,keep_running:`Keep running`,ago:`{age} ago`,as_of:`as of {time}`,second:`s`,minute:`min`,hour:`h`,day:`d`,solar:`Solar`,grid:`Grid`,grid_import:`Import`,grid_export:`Export`,battery:`Battery`,home:`Home`,power_flow:`Power flow`,charging:`Charging`,discharging:`Discharging`,idle:`Idle`,full_in:`full in about {time}`,empty_in:`empty in about {time}`,target_in:`{soc} in about {time}`,full:`full`,fault:`Fault`,warning:`Warning`,fault_since:`Fault since {time}`,warning_since:`Warning since {time}`,more_faults:`and {count} more`,today:`Today`,self_sufficiency:`{percent} self-sufficient`,imported:`Imported`,exported:`Exported`,charged:`Charged`,discharged:`Discharged`,dispatch_charge:`Charging at {power} to {soc}`,dispatch_discharge:`Discharging at {power} to {soc}`,dispatch_at_target:`Holding at its target of {soc}`,dispatch_hold:`Holding the battery`,dispatch_block_discharge:`Not discharging the battery`,dispatch_block_charge:`Not charging the battery`,dispatch_grid_zero:`Holding the grid at 0 W`,dispatch_grid_import:`Holding {power} of grid import`,dispatch_grid_export:`Holding {power} of grid export`,dispatch_other:`Another mode is active`,dispatch_foreign:`Started by another program`,remaining:`{time} left`,stop_confirmation:`Stop now? The inverter then returns to automatic control.`,control:`Hold the battery`,hold:`Hold`,block_discharge:`Do not discharge`,block_charge:`Do not charge`,how_long:`{order}: for how long?`,cancel:`Cancel`,order_failed:`The order failed: {reason}`,stop_failed:`Stopping failed: {reason}`,stop_foreign:`Another program controls the battery now.`,stop_forbidden:`You have no permission to control the inverter, or its controls are switched off.`,stop_not_applied:`The inverter did not accept the command.`,stop_not_configured:`The inverter is no longer set up.`,stop_too_early:`The rated power of the inverter is not known yet. Try again in a minute.`,stop_error:`Home Assistant reported an error.`,no_answer:`Home Assistant did not answer.`,no_inverter:`No AlphaESS inverter is set up yet. Add one under Settings → Devices & services → AlphaESS Live.`,unknown_inverter:`There is no inverter “{device}” (any more). Choose another one in this card’s settings.`,choose_inverter:`There are several inverters. Choose one in this card’s settings: {names}.`,not_boolean:`“{option}” must be true or false, not {value}. The default is used.`,not_text:`“{option}” must be a text, not {value}. It is ignored.`,unknown_option:`There is no option “{option}”. Valid options: {value}.`,card_description:`Connection state, live power flow, battery, today’s energy and dispatch`,status_description:`Connection state with its cause, age of the values, faults and warnings`,option_device:`Inverter`,option_title:`Title`,option_show_faults:`Faults and warnings`,option_show_flow:`Power flow`,option_show_battery:`Battery`,option_show_today:`Today’s energy`,option_show_dispatch:`Running dispatch`,option_show_control:`Buttons to hold the battery`,option_show_debug:`Feed state, for troubleshooting`},me={en:pe,de:fe,nl:{live:`LIVE`,paused:`GEPAUZEERD`,disconnected:`VERBROKEN`,feed_lost:`FEED KWIJT`,connecting:`VERBINDEN`,connecting_cause:`Wachten op de eerste waarden.`,feed_lost_cause:`Geen verbinding met Home Assistant. De verbinding wordt automatisch hersteld.`,refused:`De omvormer weigert de verbinding. Misschien gebruikt een ander programma zijn enige Modbus-verbinding.`,timeout:`De omvormer antwoordt niet. Misschien staat hij uit of is hij niet verbonden.`,reset:`De omvormer sloot de verbinding. De verbinding wordt automatisch hersteld.`,unreachable:`De omvormer is via het netwerk niet bereikbaar. Controleer de netwerkkabel en het adres.`,busy:`De omvormer is bezet. Nieuwe poging volgt automatisch.`,protocol:`De omvormer stuurt ongeldige antwoorden. Controleer adres en apparaat-ID.`,polling_off:`Het regelmatig uitlezen is uitgeschakeld in de systeemopties van deze omvormer. Hij wordt alleen op verzoek uitgelezen.`,internal:`Onverwachte fout. Zie het logboek van Home Assistant.`,unknown_cause:`De omvormer antwoordt niet.`,pause:`Pauzeren`,resume:`Hervatten`,retry:`Opnieuw`,refresh:`Vernieuwen`,stop:`Stoppen`,keep_running:`Niet stoppen`,ago:`{age} geleden`,as_of:`stand {time}`,second:`s`,minute:`min`,hour:`u`,day:`d`,solar:`Zon`,grid:`Net`,grid_import:`Afname`,grid_export:`Levering`,battery:`Batterij`,home:`Huis`,power_flow:`Energiestroom`,charging:`Laadt`,discharging:`Ontlaadt`,idle:`In rust`,full_in:`vol over circa {time}`,empty_in:`leeg over circa {time}`,target_in:`{soc} over circa {time}`,full:`vol`,fault:`Storing`,warning:`Waarschuwing`,fault_since:`Storing sinds {time}`,warning_since:`Waarschuwing sinds {time}`,more_faults:`en nog {count}`,today:`Vandaag`,self_sufficiency:`{percent} zelfvoorzienend`,imported:`Afgenomen`,exported:`Teruggeleverd`,charged:`Geladen`,discharged:`Ontladen`,dispatch_charge:`Laadt met {power} tot {soc}`,dispatch_discharge:`Ontlaadt met {power} tot {soc}`,dispatch_at_target:`Houdt vast op het doel van {soc}`,dispatch_hold:`De batterij wordt vastgehouden`,dispatch_block_discharge:`De batterij wordt niet ontladen`,dispatch_block_charge:`De batterij wordt niet geladen`,dispatch_grid_zero:`Houdt het net op 0 W`,dispatch_grid_import:`Houdt {power} netafname vast`,dispatch_grid_export:`Houdt {power} teruglevering vast`,dispatch_other:`Een andere modus is actief`,dispatch_foreign:`Door een ander programma gestart`,remaining:`nog {time}`,stop_confirmation:`Nu stoppen? De omvormer regelt daarna weer automatisch.`,control:`Batterij vasthouden`,hold:`Vasthouden`,block_discharge:`Niet ontladen`,block_charge:`Niet laden`,how_long:`{order}: hoe lang?`,cancel:`Annuleren`,order_failed:`De opdracht is mislukt: {reason}`,stop_failed:`Stoppen mislukt: {reason}`,stop_foreign:`Een ander programma stuurt nu de batterij aan.`,stop_forbidden:`De rechten ontbreken, of de aansturing is uitgeschakeld.`,stop_not_applied:`De omvormer heeft de opdracht niet aangenomen.`,stop_not_configured:`De omvormer is niet meer ingesteld.`,stop_too_early:`Het nominale vermogen van de omvormer is nog niet bekend. Probeer het over een minuut opnieuw.`,stop_error:`Home Assistant meldt een fout.`,no_answer:`Home Assistant antwoordde niet.`,no_inverter:`Er is nog geen AlphaESS-omvormer ingesteld: Instellingen → Apparaten en diensten → AlphaESS Live toevoegen.`,unknown_inverter:`De omvormer “{device}” bestaat niet (meer). Kies een andere in de instellingen van deze kaart.`,choose_inverter:`Er zijn meerdere omvormers. Kies er een in de instellingen van deze kaart: {names}.`,not_boolean:`“{option}” moet true of false zijn, niet {value}. De standaardwaarde wordt gebruikt.`,not_text:`“{option}” moet een tekst zijn, niet {value}. De waarde wordt genegeerd.`,unknown_option:`Een optie “{option}” bestaat niet. Geldige opties: {value}.`,card_description:`Verbindingsstatus, energiestroom, batterij, energie van vandaag en aansturing`,status_description:`Verbindingsstatus met oorzaak, leeftijd van de waarden, storingen en waarschuwingen`,option_device:`Omvormer`,option_title:`Titel`,option_show_faults:`Storingen en waarschuwingen`,option_show_flow:`Energiestroom`,option_show_battery:`Batterij`,option_show_today:`Energie van vandaag`,option_show_dispatch:`Lopende aansturing`,option_show_control:`Knoppen om de batterij vast te houden`,option_show_debug:`Toestand van de feed, voor foutopsporing`}};function h(e){return me[e]??me[e.split(`-`)[0]??``]??pe}function he(e){let t=h(document.documentElement.lang),n={device:t.option_device,title:t.option_title,...Object.fromEntries(e.map(e=>[e,t[ve(e)]]))};return{schema:[{name:`device`,selector:{device:{filter:[{integration:ce}]}}},{name:`title`,selector:{text:{}}},...e.map(e=>({name:e,selector:{boolean:{}},default:c[e]}))],computeLabel:({name:e})=>n[e]}}function ge(e){let[t,n]=m(e);return t!==void 0&&n!==void 0?{device:t.deviceId}:{}}function _e(e,t,n){let r=t.entities[n];if(r?.platform!==`alphaess_live`)return null;let i=m(t).length>1&&r.device_id?{device:r.device_id}:{};return{config:{type:`custom:${e}`,...i}}}function ve(e){return`option_${e}`}var g=globalThis,ye=g.ShadowRoot&&(g.ShadyCSS===void 0||g.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,be=Symbol(),xe=new WeakMap,Se=class{constructor(e,t,n){if(this._$cssResult$=!0,n!==be)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,t=this.t;if(ye&&e===void 0){let n=t!==void 0&&t.length===1;n&&(e=xe.get(t)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),n&&xe.set(t,e))}return e}toString(){return this.cssText}},Ce=e=>new Se(typeof e==`string`?e:e+``,void 0,be),_=(e,...t)=>new Se(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,be),we=(e,t)=>{if(ye)e.adoptedStyleSheets=t.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let n of t){let t=document.createElement(`style`),r=g.litNonce;r!==void 0&&t.setAttribute(`nonce`,r),t.textContent=n.cssText,e.appendChild(t)}},Te=ye?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return Ce(t)})(e):e,{is:Ee,defineProperty:De,getOwnPropertyDescriptor:Oe,getOwnPropertyNames:ke,getOwnPropertySymbols:Ae,getPrototypeOf:je}=Object,v=globalThis,Me=v.trustedTypes,Ne=Me?Me.emptyScript:``,Pe=v.reactiveElementPolyfillSupport,y=(e,t)=>e,b={toAttribute(e,t){switch(t){case Boolean:e=e?Ne:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},Fe=(e,t)=>!Ee(e,t),Ie={attribute:!0,type:String,converter:b,reflect:!1,useDefault:!1,hasChanged:Fe};Symbol.metadata??=Symbol(`metadata`),v.litPropertyMetadata??=new WeakMap;var x=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=Ie){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&De(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=Oe(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??Ie}static _$Ei(){if(this.hasOwnProperty(y(`elementProperties`)))return;let e=je(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(y(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(y(`properties`))){let e=this.properties,t=[...ke(e),...Ae(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(Te(e))}else e!==void 0&&t.push(Te(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return we(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?b:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?b:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??Fe)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};x.elementStyles=[],x.shadowRootOptions={mode:`open`},x[y(`elementProperties`)]=new Map,x[y(`finalized`)]=new Map,Pe?.({ReactiveElement:x}),(v.reactiveElementVersions??=[]).push(`2.1.2`);var S=globalThis,Le=e=>e,C=S.trustedTypes,Re=C?C.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,ze=`$lit$`,w=`lit$${Math.random().toFixed(9).slice(2)}$`,Be=`?`+w,Ve=`<${Be}>`,T=document,E=()=>T.createComment(``),D=e=>e===null||typeof e!=`object`&&typeof e!=`function`,He=Array.isArray,Ue=e=>He(e)||typeof e?.[Symbol.iterator]==`function`,O=`[ 	
\f\r]`,k=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,We=/-->/g,Ge=/>/g,A=RegExp(`>|${O}(?:([^\\s"'>=/]+)(${O}*=${O}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),Ke=/'/g,qe=/"/g,Je=/^(?:script|style|textarea|title)$/i,Ye=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),j=Ye(1),M=Ye(2),N=Symbol.for(`lit-noChange`),P=Symbol.for(`lit-nothing`),Xe=new WeakMap,F=T.createTreeWalker(T,129);function Ze(e,t){if(!He(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return Re===void 0?t:Re.createHTML(t)}var Qe=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=k;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===k?c[1]===`!--`?o=We:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=A):(Je.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=A):o=Ge:o===A?c[0]===`>`?(o=i??k,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?A:c[3]===`"`?qe:Ke):o===qe||o===Ke?o=A:o===We||o===Ge?o=k:(o=A,i=void 0);let d=o===A&&e[t+1].startsWith(`/>`)?` `:``;a+=o===k?n+Ve:l>=0?(r.push(s),n.slice(0,l)+ze+n.slice(l)+w+d):n+w+(l===-2?t:d)}return[Ze(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},I=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=Qe(t,n);if(this.el=e.createElement(l,r),F.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=F.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(ze)){let t=u[o++],n=i.getAttribute(e).split(w),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?et:r[1]===`?`?tt:r[1]===`@`?nt:z}),i.removeAttribute(e)}else e.startsWith(w)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(Je.test(i.tagName)){let e=i.textContent.split(w),t=e.length-1;if(t>0){i.textContent=C?C.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],E()),F.nextNode(),c.push({type:2,index:++a});i.append(e[t],E())}}}else if(i.nodeType===8){if(i.data===Be)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(w,e+1))!==-1;)c.push({type:7,index:a}),e+=w.length-1}}a++}}static createElement(e,t){let n=T.createElement(`template`);return n.innerHTML=e,n}};function L(e,t,n=e,r){if(t===N)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=D(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=L(e,i._$AS(e,t.values),i,r)),t}var $e=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??T).importNode(t,!0);F.currentNode=r;let i=F.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new R(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new rt(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=F.nextNode(),a++)}return F.currentNode=T,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},R=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=P,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=L(this,e,t),D(e)?e===P||e==null||e===``?(this._$AH!==P&&this._$AR(),this._$AH=P):e!==this._$AH&&e!==N&&this._(e):e._$litType$===void 0?e.nodeType===void 0?Ue(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==P&&D(this._$AH)?this._$AA.nextSibling.data=e:this.T(T.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=I.createElement(Ze(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new $e(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=Xe.get(e.strings);return t===void 0&&Xe.set(e.strings,t=new I(e)),t}k(t){He(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(E()),this.O(E()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=Le(e).nextSibling;Le(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},z=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=P,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=P}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=L(this,e,t,0),a=!D(e)||e!==this._$AH&&e!==N,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=L(this,r[n+o],t,o),s===N&&(s=this._$AH[o]),a||=!D(s)||s!==this._$AH[o],s===P?e=P:e!==P&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===P?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},et=class extends z{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===P?void 0:e}},tt=class extends z{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==P)}},nt=class extends z{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=L(this,e,t,0)??P)===N)return;let n=this._$AH,r=e===P&&n!==P||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==P&&(n===P||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},rt=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){L(this,e)}},it=S.litHtmlPolyfillSupport;it?.(I,R),(S.litHtmlVersions??=[]).push(`3.3.3`);var at=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new R(t.insertBefore(E(),e),e,void 0,n??{})}return i._$AI(e),i},B=globalThis,V=class extends x{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=at(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return N}};V._$litElement$=!0,V.finalized=!0,B.litElementHydrateSupport?.({LitElement:V});var ot=B.litElementPolyfillSupport;ot?.({LitElement:V}),(B.litElementVersions??=[]).push(`4.2.2`);var st=`alphaess-live-action`,H=class extends V{static properties={view:{attribute:!1}};shouldUpdate(e){let{view:t}=this;if(t===void 0)return!1;let n=e.get(`view`);return n===void 0||e.size>1||this.viewKeys.some(e=>n[e]!==t[e])}render(){return this.view?this.renderView(this.view):P}showMoreInfo(e){this.emitAction({type:`more-info`,entityKey:e})}async focusFirstAction(){await this.updateComplete,this.renderRoot.querySelector(`.action`)?.focus()}emitAction(e){this.dispatchEvent(new CustomEvent(st,{bubbles:!0,composed:!0,detail:e}))}},ct=[{node:`solar`,center:{x:200,y:64},entityKey:`pv_power`},{node:`grid`,center:{x:64,y:170},entityKey:`grid_power`},{node:`home`,center:{x:336,y:170},entityKey:`load_power`},{node:`battery`,center:{x:200,y:276},entityKey:`battery_power`}],U=[{ends:[`solar`,`home`],curve:G({x:258,y:64},{x:336,y:112})},{ends:[`solar`,`grid`],curve:G({x:142,y:64},{x:64,y:112})},{ends:[`battery`,`home`],curve:G({x:258,y:276},{x:336,y:228})},{ends:[`battery`,`grid`],curve:G({x:142,y:276},{x:64,y:228})},{ends:[`solar`,`battery`],curve:ft({x:200,y:122},{x:200,y:218})},{ends:[`grid`,`home`],curve:ft({x:122,y:170},{x:278,y:170})}];function lt(e){let t=e.solar?0:106;return{top:t,height:(e.battery?340:234)-t}}function ut({curve:[e,t,n,r]}){return`M${e.x} ${e.y}C${t.x} ${t.y} ${n.x} ${n.y} ${r.x} ${r.y}`}function W({curve:[e,t,n,r]},i){let a=(e,t,n,r)=>(1-i)**3*e+3*(1-i)**2*i*t+3*(1-i)*i**2*n+i**3*r;return{x:a(e.x,t.x,n.x,r.x),y:a(e.y,t.y,n.y,r.y)}}function dt(e,t){let n=W(e,t-.05),r=W(e,t+.05);return Math.atan2(r.y-n.y,r.x-n.x)*180/Math.PI}function ft(e,t){return[e,e,t,t]}function G(e,t){let n=.5523;return[e,{x:e.x+(t.x-e.x)*n,y:e.y},{x:t.x,y:t.y-(t.y-e.y)*n},t]}var pt=8,mt={duration:320,easing:`steps(${pt})`},ht=class{#e;#t=[];constructor(e){this.#e=e}place(e,t){for(let[n,r]of e.entries())r.style.transform=this.#r(_t(n),t),r.style.opacity=`1`}animate(e,t){this.#t.some(({playState:e})=>e===`running`)||(this.#t=e.map((e,n)=>e.animate(this.#n(n,t),mt)))}stop(e){for(let e of this.#t)e.cancel();this.#t=[];for(let t of e)t.removeAttribute(`style`)}#n(e,t){return Array.from({length:9},(e,t)=>t/pt).flatMap(n=>{let r=_t(e)+gt(n)/2,i=e=>({offset:n,transform:this.#r(e,t),opacity:e===0||e===1?0:1});return r===1?[i(1),i(0)]:[i(r%1)]})}#r(e,{forward:t,top:n}){let{x:r,y:i}=W(this.#e,t?e:1-e);return`translate(${K(r)}, ${K(i-n)})`}};function gt(e){return e*e*(3-2*e)}function _t(e){return(e+.5)/2}function K(e){return`${(e/400*100).toFixed(3)}cqw`}var vt={solar:`M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4`,grid:`M7.5 21.5 11 2.5h2l3.5 19M5.5 7h13M5.5 7v2M18.5 7v2M4 12.5h16M4 12.5v2M20 12.5v2M9.3 12.8l6.2 5.7M14.7 12.8l-6.2 5.7`,home:`M3.5 11.5 12 4l8.5 7.5M6 9.5V20h12V9.5M10 20v-5.5h4V20`,battery:`M8.5 5h7A1.5 1.5 0 0 1 17 6.5v13a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-13A1.5 1.5 0 0 1 8.5 5zM10 5V2.8h4V5M12.6 9.5l-2.4 3.8h3.6l-2.4 3.8`,bolt:`M13 3 5.5 13.5H11L10 21l7.5-10.5H12z`,pause:`M9 6v12M15 6v12`,resume:`M8.5 5.5 18 12l-9.5 6.5z`,refresh:`M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15`,alert:`M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1`,more:`M9 5.5 15.5 12 9 18.5`,into:`M12 4v13M6.5 11.5 12 17l5.5-5.5M5 20.5h14`,out:`M12 17V4M6.5 9.5 12 4l5.5 5.5M5 20.5h14`};function q(e){return j`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    ${M`<path d=${vt[e]} />`}
  </svg>`}var J=_`
  :host {
    display: block;
    font-variant-numeric: tabular-nums;
    line-height: 1.3;
  }
  .icon {
    width: 1.43em;
    height: 1.43em;
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    padding: 0;
    cursor: pointer;
    -webkit-tap-highlight-color: transparent;
  }
  button:focus-visible {
    outline: 2px solid var(--alphaess-text);
    outline-offset: 2px;
  }
  .action {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 40px;
    min-width: 40px;
    border-radius: 20px;
    font-size: 1em;
    font-weight: 500;
    white-space: nowrap;
  }
  .action.labelled {
    padding: 0 16px 0 12px;
    background: var(--alphaess-button);
  }
  @media (hover: hover) {
    .action:hover {
      background: color-mix(in srgb, var(--alphaess-text) 10%, transparent);
    }
  }
  .secondary {
    color: var(--alphaess-secondary);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`,yt={type:`pause`,label:`pause`},bt={type:`resume`,label:`resume`,labelled:!0},xt={type:`refresh`,label:`refresh`},St={type:`refresh`,label:`retry`,labelled:!0},Ct={live:[yt,xt],paused:[bt,null],disconnected:[null,St],feed_lost:[null,St],connecting:[null,null]},wt=class extends H{static tag=`alphaess-live-banner`;viewKeys=[`state`,`linkError`,`measuredAt`,`format`];renderView(e){let{state:t,format:n}=e,r=Tt(e);return j`
      <section class=${t} data-state=${t}>
        <div class="status" role="status" aria-atomic="false">
          <button class="state" @click=${()=>this.showMoreInfo(`modbus`)}>
            <span class="indicator" aria-hidden="true"></span>${n.texts[t]}
          </button>
          <alphaess-live-relative-time
            class="age"
            aria-live="off"
            .format=${Et(e)}
          ></alphaess-live-relative-time>
          ${r===null?P:j`<p>${r}</p>`}
        </div>
        <div class="actions">
          ${Ct[t].map(e=>e===null?P:this.#e(e,n.texts[e.label]))}
        </div>
      </section>
    `}updated(e){let t=e.get(`view`);this.view?.mayAnimate!==!0||t?.measuredAt===this.view.measuredAt||matchMedia(`(prefers-reduced-motion: reduce)`).matches||this.renderRoot.querySelector(`.indicator`)?.animate([{transform:`scale(1.45)`},{transform:`scale(1)`}],mt)}#e(e,t){return j`<button
      class="action ${e.labelled?`labelled`:``}"
      data-action=${e.type}
      aria-label=${t}
      title=${e.labelled?P:t}
      @click=${()=>this.emitAction({type:e.type})}
    >
      ${q(e.type)}${e.labelled?t:P}
    </button>`}static styles=[J,_`
      section {
        --indicator: var(--alphaess-secondary);
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        column-gap: 12px;
        padding: 4px 4px 4px 8px;
        border-radius: var(--ha-card-border-radius, 12px);
      }
      .live,
      .paused {
        --indicator: var(--alphaess-success);
      }
      .disconnected {
        --indicator: var(--alphaess-error);
      }
      .feed_lost {
        --indicator: var(--alphaess-warning);
      }
      section:not(.live, .connecting) {
        background: color-mix(in srgb, var(--indicator) 16%, transparent);
        padding-bottom: 12px;
      }
      .indicator {
        width: 0.8em;
        height: 0.8em;
        border-radius: 50%;
        background: var(--indicator);
      }
      .live .indicator {
        will-change: transform;
      }
      .paused .indicator {
        background: none;
        box-shadow: inset 0 0 0 3px var(--indicator);
      }
      .status {
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
        background: color-mix(in srgb, var(--indicator) 16%, transparent);
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
        color: var(--alphaess-secondary);
        overflow: hidden;
        white-space: nowrap;
      }
      p {
        grid-row: 3;
        padding-top: 2px;
      }
      .actions {
        grid-row: 1;
        grid-column: 3;
        display: flex;
        min-height: 40px;
      }
    `]};function Tt({state:e,linkError:t,format:n}){let{texts:r}=n;switch(e){case`disconnected`:return t.kind===null?r.unknown_cause:r[t.kind];case`feed_lost`:return r.feed_lost_cause;case`connecting`:return r.connecting_cause;default:return null}}function Et({state:e,measuredAt:t,format:n}){if(t===null)return()=>``;let r=e=>n.age((e-t)/1e3);return e===`live`?r:e=>`${n.asOf(t,e)} · ${r(e)}`}var Dt={solar:!0,battery:!0,capacityKwh:null},Ot={pv:[`pv_energy_kwh`,`pv`],gridImport:[`grid_import_kwh`,`gridImport`],gridExport:[`grid_export_kwh`,`gridExport`],batteryCharge:[`battery_charge_kwh`,`batteryCharge`],batteryDischarge:[`battery_discharge_kwh`,`batteryDischarge`],load:[`load_consumption_kwh`,`load`]},kt=[`both`,`discharge`,`charge`];function At(e){let{battery:t,pv:n}=f(e),{strings:r,acCoupled:i}=f(n),a=p(f(t).capacity);return{solar:!(r===0||Array.isArray(r)&&r.length===0)||!!i,battery:t!==null&&a!==0,capacityKwh:a}}function jt(e){let t=Array.isArray(e)?e:Object.values(f(e)).find(Array.isArray);if(t===void 0||t.length===0)return null;let n=e=>{let[n,r]=Ot[e],i=t.map(f).map(e=>p(e[n])??p(e[r])).filter(e=>e!==null);return i.length===0?null:i.reduce((e,t)=>e+t,0)};return{pv:n(`pv`),gridImport:n(`gridImport`),gridExport:n(`gridExport`),batteryCharge:n(`batteryCharge`),batteryDischarge:n(`batteryDischarge`),load:n(`load`)}}function Mt(e){let{load:t,gridImport:n}=e;return t===null||n===null||t<=0?null:Math.min(100,Math.max(0,(1-n/t)*100))}var Nt=[`soc_control`,`osw_soc_control`];function Pt(e,t){let n=f(e);if(n.active!==!0)return null;let r=p(n.remaining),i=p(f(n.gridTarget).power),a=kt.find(e=>e===n.block)??null;return{kind:i===null?a===null?Ft(n):`hold`:`grid`,block:a,isOurs:n.controlledBy===`alphaess_live`,watts:i??p(n.power),targetSoc:p(n.targetSoc),atTarget:n.targetReached===!0,endsAt:r===null?null:t+r*1e3}}function Ft(e){return Nt.includes(e.mode)?e.charging===!0?`charge`:e.discharging===!0?`discharge`:`hold`:`other`}function It(e,t){let[n,r]=e<0?[`charge`,100]:[`discharge`,0];return t===null?r:t.block===null?t.kind===n?t.targetSoc??r:null:t.block===`both`||t.block===n?null:r}function Lt(e,t,n,r){if(e===null||t===null||r===null||Math.abs(n)<100)return null;let i=n<0?e-t:t-e,a=i/100*r/(Math.abs(n)/1e3);return i<=0||a>48?null:a}function Rt(e){let t=e<1?5:e<6?10:60;return Math.max(t,Math.round(e*60/t)*t)*60}var zt=new Map([[`foreign_dispatch`,`stop_foreign`],[`invalid_request`,`stop_too_early`],[`control_not_permitted`,`stop_forbidden`],[`read_not_permitted`,`stop_forbidden`],[`not_applied`,`stop_not_applied`],[`modbus_disconnected`,`unknown_cause`],[`no_answer`,`unknown_cause`],[`outcome_unknown`,`unknown_cause`],[`no_inverter`,`stop_not_configured`],[`unknown_inverter`,`stop_not_configured`]]);function Bt(e){let{body:t,status_code:n}=f(e);return p(n)===null?`no_answer`:zt.get(f(t).error)??`stop_error`}var Vt=20,Ht=36e5,Ut=class extends H{static tag=`alphaess-live-battery`;static option=`show_battery`;static inSideColumn=!0;static hasContent(e){return e.equipment.battery}viewKeys=[`state`,`power`,`equipment`,`dispatch`,`format`];renderView(e){let t=e.power?.soc??null,n=e.dispatch?.targetSoc??null;return j`
      <div class="panel">
        <button class="soc" @click=${()=>this.showMoreInfo(`battery_soc`)}>
          <span class="visually-hidden">${e.format.texts.battery}</span>${e.format.percent(t)}
        </button>
        <button class="power" @click=${()=>this.showMoreInfo(`battery_power`)}>
          <span>${Wt(e)}</span><span class="secondary">${Gt(e)}</span>
        </button>
        <div class="bar" aria-hidden="true">
          <div class="charge" style="transform:scaleX(${(t??0)/100})"></div>
          ${n===null?P:j`<div class="target" style="left:${n}%"></div>`}
        </div>
      </div>
    `}static styles=[J,_`
      :host {
        container-type: inline-size;
      }
      .panel {
        display: grid;
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 0.7em 0.6em;
      }
      /* Aligned with the energies of today, which have three columns at this width. */
      @container (min-width: 26em) {
        .panel {
          grid-template-columns: calc((100% - 1.2em) / 3) 1fr;
          column-gap: 0.6em;
        }
      }
      .soc {
        font-size: 2.2em;
        font-weight: 600;
        line-height: 1;
        letter-spacing: -0.02em;
        min-width: 2.65em;
        text-align: start;
        color: var(--alphaess-value, var(--alphaess-text));
      }
      .power {
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-size: 1.07em;
        font-weight: 500;
        color: var(--alphaess-value, var(--alphaess-text));
      }
      /* A wrapped line would move everything below it. */
      .power span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .power .secondary {
        font-size: 0.93em;
        font-weight: 400;
        min-height: 1.3em;
      }
      .bar {
        grid-column: 1 / -1;
        position: relative;
        height: 0.8em;
        border-radius: 0.4em;
        overflow: hidden;
        background: var(--alphaess-line);
      }
      .charge {
        height: 100%;
        background: var(--alphaess-battery);
        transform-origin: left;
      }
      .target {
        position: absolute;
        inset-block: 0;
        width: 3px;
        margin-left: -3px;
        background: var(--alphaess-text);
      }
    `]};function Wt({power:e,format:t}){let n=e?.battery??null,{value:r,unit:i}=t.power(n);return n===null?r:Math.abs(n)<Vt?t.texts.idle:`${n<0?t.texts.charging:t.texts.discharging} · ${r} ${i}`}function Gt({state:e,power:t,measuredAt:n,equipment:r,dispatch:i,format:o}){if(e!==`live`&&n!==null)return o.asOf(n,Date.now());let{soc:s=null,battery:c=null}=t??{};if(c===null)return``;if(s===100&&c<0)return o.texts.full;let l=It(c,i),u=Lt(l,s,c,r.capacityKwh);return u===null||Date.now()+u*Ht>(i?.endsAt??1/0)?``:a(Kt(l,o),{soc:o.percent(l),time:o.duration(Rt(u))})}function Kt(e,{texts:t}){return e===100?t.full_in:e===0?t.empty_in:t.target_in}var qt={both:`hold`,discharge:`block_discharge`,charge:`block_charge`},Jt=[1,4,12],Yt=class extends H{static tag=`alphaess-live-control`;static option=`show_control`;static inSideColumn=!0;static properties={...H.properties,chosen:{state:!0}};static hasContent(e){return e.state===`live`||e.state===`paused`}viewKeys=[`dispatch`,`orderFailure`,`format`];constructor(){super(),this.chosen=null}renderView(e){let{texts:t}=e.format,n=e.orderFailure;return j`
      <section aria-label=${t.control}>
        ${this.chosen===null?this.#e(e):this.#t(this.chosen,e)}
        ${n?.order===`hold`?j`<p role="alert">
                ${a(t.order_failed,{reason:t[n.reason]})}
              </p>`:P}
      </section>
    `}#e({dispatch:e,format:{texts:t}}){let n=e?.isOurs===!0?e.block:null;return j`${kt.map(e=>j`
        <button
          class="action labelled"
          aria-pressed=${String(e===n)}
          @click=${()=>this.#n(e)}
        >
          ${t[qt[e]]}
        </button>
      `)}`}#t(e,{format:t}){let{texts:n}=t,r=t=>{this.#n(null),this.emitAction({type:`hold`,block:e,hours:t})};return j`
      <span class="question" role="alert">
        ${a(n.how_long,{order:n[qt[e]]})}
      </span>
      ${Jt.map(e=>j`<button class="action labelled hours" @click=${()=>r(e)}>
            ${t.duration(e*3600)}
          </button>`)}
      <button class="action labelled" @click=${()=>this.#n(null)}>${n.cancel}</button>
    `}#n(e){this.chosen=e,this.focusFirstAction()}static styles=[J,_`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
      .question {
        flex-basis: 100%;
      }
      .action.labelled {
        padding: 0 16px;
      }
      .action[aria-pressed="true"] {
        box-shadow: inset 0 0 0 2px var(--alphaess-battery);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `]},Xt=class extends H{static tag=`alphaess-live-debug`;static option=`show_debug`;static inSideColumn=!0;viewKeys=[`debug`];renderView({debug:e}){return j`<code>${e}</code>`}static styles=[J,_`
      code {
        display: block;
        font-size: 12px;
        overflow-wrap: anywhere;
        color: var(--alphaess-secondary);
      }
    `]},Zt=class extends H{static tag=`alphaess-live-dispatch`;static option=`show_dispatch`;static inSideColumn=!0;static properties={...H.properties,confirming:{state:!0}};static hasContent(e){return e.dispatch!==null||e.orderFailure?.order===`stop`}viewKeys=[`dispatch`,`orderFailure`,`format`];constructor(){super(),this.confirming=!1}renderView(e){let{dispatch:t,orderFailure:n,format:r}=e;return j`
      <section>
        ${t===null?P:this.confirming&&t.isOurs?this.#t(e):this.#e(e)}
        ${n?.order===`stop`?j`<p role="alert">
                ${a(r.texts.stop_failed,{reason:r.texts[n.reason]})}
              </p>`:P}
      </section>
    `}#e(e){let{texts:t}=e.format;return j`
      <div class="symbol">${q(`bolt`)}</div>
      <button class="description" @click=${()=>this.showMoreInfo(`dispatch_status`)}>
        <span>${$t(e)}</span>
        <alphaess-live-relative-time
          class="secondary"
          .format=${tn(e)}
        ></alphaess-live-relative-time>
      </button>
      ${e.dispatch?.isOurs===!0?j`<button class="action labelled" @click=${()=>this.#n(!0)}>
              ${t.stop}
            </button>`:P}
    `}#t(e){let{texts:t}=e.format;return j`
      <span class="question" role="alert">${t.stop_confirmation}</span>
      <span class="choices">
        <button class="action labelled" @click=${()=>this.#n(!1)}>
          ${t.keep_running}
        </button>
        <button class="action labelled confirm" @click=${()=>{this.#n(!1),this.emitAction({type:`stop`})}}>${t.stop}</button>
      </span>
    `}#n(e){this.confirming=e,this.focusFirstAction()}static styles=[J,_`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 8px 8px 8px 12px;
        border-radius: 12px;
        background: color-mix(in srgb, var(--alphaess-battery) 14%, transparent);
      }
      .symbol {
        display: flex;
        color: var(--alphaess-battery);
      }
      .description {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-weight: 500;
      }
      .description .secondary {
        font-size: 0.93em;
        font-weight: 400;
      }
      .question {
        flex: 1 1 180px;
      }
      .choices {
        display: flex;
        gap: 8px;
        margin-inline-start: auto;
      }
      .action.labelled {
        padding: 0 16px;
      }
      .confirm {
        box-shadow: inset 0 0 0 2px var(--alphaess-error);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `]},Qt={both:`dispatch_hold`,discharge:`dispatch_block_discharge`,charge:`dispatch_block_charge`};function $t({dispatch:e,format:t}){let{texts:n}=t;if(e===null||e.kind===`hold`)return n[Qt[e?.block??`both`]];if(e.kind===`other`)return n.dispatch_other;if(e.kind===`grid`)return en(e.watts??0,t);if(e.atTarget)return a(n.dispatch_at_target,{soc:t.percent(e.targetSoc)});let{value:r,unit:i}=t.setpoint(e.watts);return a(e.kind===`charge`?n.dispatch_charge:n.dispatch_discharge,{power:`${r} ${i}`,soc:t.percent(e.targetSoc)})}function en(e,t){let{value:n,unit:r}=t.setpoint(e),i=`${n} ${r}`;return e===0?t.texts.dispatch_grid_zero:a(e>0?t.texts.dispatch_grid_import:t.texts.dispatch_grid_export,{power:i})}function tn({dispatch:e,format:t}){if(e?.isOurs===!1)return()=>t.texts.dispatch_foreign;let n=e?.endsAt??null;return n===null?()=>``:e=>a(t.texts.remaining,{time:t.duration(Math.max(0,n-e)/1e3)})}var nn=class extends H{static tag=`alphaess-live-fault`;static option=`show_faults`;viewKeys=[`fault`,`format`];renderView(e){let{fault:t}=e;return this.toggleAttribute(`empty`,t===null),j`<div role="status">
      ${t===null?P:j`<button class=${t.severity} @click=${()=>this.showMoreInfo(`faults`)}>
              ${q(`alert`)}
              <span class="description">
                <span>${t.text}</span>
                <span class="secondary">${rn(e)}</span>
              </span>
              ${q(`more`)}
            </button>`}
    </div>`}static styles=[J,_`
      /* Without a fault the element takes no space, and no gap in the grid. */
      :host([empty]) {
        position: absolute;
      }
      button {
        display: flex;
        align-items: center;
        gap: 12px;
        width: 100%;
        box-sizing: border-box;
        min-height: 52px;
        padding: 8px 12px 8px 14px;
        border-radius: 12px;
        text-align: start;
        background: color-mix(in srgb, var(--colour) 14%, transparent);
      }
      .fault {
        --colour: var(--alphaess-error);
      }
      .warning {
        --colour: var(--alphaess-warning);
      }
      .description {
        flex: 1;
        display: flex;
        flex-direction: column;
        font-weight: 500;
      }
      .description .secondary {
        font-size: 0.93em;
        font-weight: 400;
      }
      .icon:first-child {
        color: var(--colour);
      }
      .icon:last-child {
        width: 1.1em;
        height: 1.1em;
        color: var(--alphaess-secondary);
      }
    `]};function rn({fault:e,format:t}){if(e===null)return``;let{texts:n}=t,{severity:r,since:i,otherCount:o}=e,s=[i===null?n[r]:a(n[`${r}_since`],{time:t.time(i,Date.now())})];return o>0&&s.push(a(n.more_faults,{count:String(o)})),s.join(`, `)}var an=[[`solar`,`home`],[`solar`,`battery`],[`solar`,`grid`],[`battery`,`home`],[`battery`,`grid`],[`grid`,`home`],[`grid`,`battery`]];function on(e){let t=cn(e),n=ln(e);return an.map(([e,r])=>{let i=Math.min(t[e],n[r]);return t[e]-=i,n[r]-=i,{from:e,to:r,watts:i}})}function sn(e){let t=e.filter(e=>e.to===`home`),n=t.reduce((e,t)=>e+t.watts,0);return t.map(e=>({from:e.from,share:n>0?e.watts/n:0}))}function cn(e){return{solar:Y(e.pv),grid:Y(e.grid),battery:Y(e.battery),home:0}}function ln(e){return{solar:0,grid:un(e.grid),battery:un(e.battery),home:Y(e.load)}}function Y(e){return Math.max(0,e??0)}function un(e){return Math.max(0,-(e??0))}var dn=_`
  :host {
    container-type: inline-size;
    width: 100%;
    max-width: 640px;
    margin-inline: auto;
  }
  .diagram {
    position: relative;
    width: 100%;
    overflow: hidden;
    contain: layout paint;
  }
  svg:not(.icon) {
    position: absolute;
    inset: 0;
    width: 100%;
    height: 100%;
    fill: none;
  }
  .solar {
    --colour: var(--alphaess-solar);
  }
  .grid {
    --colour: var(--alphaess-grid);
  }
  .export {
    --colour: var(--alphaess-export);
  }
  .battery {
    --colour: var(--alphaess-battery);
  }
  .home {
    --colour: var(--alphaess-home);
  }
  .line {
    stroke: var(--alphaess-line);
    stroke-width: 2;
  }
  .line.active {
    stroke: var(--colour);
    stroke-opacity: 0.35;
  }
  .arrow {
    display: none;
    stroke: var(--colour);
    stroke-width: 3;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  :host([static]) .arrow {
    display: inline;
  }
  .disc {
    fill: var(--alphaess-surface);
    stroke: var(--alphaess-line);
    stroke-width: 4;
  }
  .disc.active {
    fill: color-mix(in srgb, var(--colour) 9%, var(--alphaess-surface));
  }
  .ring {
    stroke: var(--colour);
    stroke-width: 4;
  }
  .dot {
    position: absolute;
    left: -1.3cqw;
    top: -1.3cqw;
    width: 2.6cqw;
    height: 2.6cqw;
    border-radius: 50%;
    opacity: 0;
    background: var(--colour);
    pointer-events: none;
  }
  :host(:not([static])) .dot {
    will-change: transform;
  }
  .node {
    position: absolute;
    width: 29cqw;
    height: 29cqw;
    border-radius: 50%;
    display: flex;
    flex-direction: column;
    justify-content: center;
    gap: 0.4cqw;
    line-height: 1.15;
    color: var(--alphaess-value, var(--alphaess-text));
  }
  .node .icon {
    width: max(18px, 6cqw);
    height: max(18px, 6cqw);
    color: var(--colour);
    align-self: center;
  }
  /* A number with more digits must not shift the layout: its line starts at the centre of the node and is translated,
     and the unit comes first in right-to-left order, so that nothing follows the digits. */
  .value,
  .name {
    position: relative;
    width: max-content;
    white-space: nowrap;
  }
  .value {
    display: flex;
    align-items: baseline;
    direction: rtl;
    right: 50%;
    translate: 50%;
    align-self: flex-end;
    font-size: max(16px, 6.8cqw);
    font-weight: 600;
    letter-spacing: -0.01em;
  }
  .value small {
    font-size: max(11px, 3.2cqw);
    font-weight: 500;
    margin-inline-end: 0.15em;
    letter-spacing: 0;
  }
  .name {
    left: 50%;
    translate: -50%;
    font-size: max(11px, 3.2cqw);
    color: var(--alphaess-secondary);
  }
  .battery .name {
    font-weight: 600;
    color: inherit;
  }
  .as-of {
    position: absolute;
    left: 50%;
    top: 50%;
    translate: -50% -50%;
    padding: 2px 10px;
    border-radius: 12px;
    font-size: max(12px, 3.2cqw);
    white-space: nowrap;
    color: var(--alphaess-text);
    background: color-mix(in srgb, var(--alphaess-text) 10%, var(--alphaess-surface));
  }
`,X=20,fn=5e3,pn=56,mn=class extends H{static tag=`alphaess-live-flow`;static option=`show_flow`;viewKeys=[`state`,`flows`,`power`,`mayAnimate`,`equipment`,`format`];#e=U.map(e=>({arc:e,dots:new ht(e)}));#t=null;#n=matchMedia(`(prefers-reduced-motion: reduce)`);connectedCallback(){super.connectedCallback(),this.#n.addEventListener(`change`,this.#r)}disconnectedCallback(){super.disconnectedCallback(),this.#n.removeEventListener(`change`,this.#r);for(let{dots:e}of this.#e)e.stop([])}renderView(e){let{top:t,height:n}=lt(e.equipment),r=ct.filter(({node:t})=>hn(e,t)),i=U.filter(({ends:t})=>t.every(t=>hn(e,t)));return j`<div
      class="diagram ${e.state}"
      style="aspect-ratio:${400}/${n}"
      role="group"
      aria-label=${e.format.texts.power_flow}
    >
      <svg viewBox="0 ${t} ${400} ${n}" aria-hidden="true">
        ${i.map(t=>gn(t,Z(t,e.flows)))}
        ${r.map(t=>vn(t,e))}
      </svg>
      ${U.map((t,n)=>_n(n,Z(t,e.flows)))} ${Sn(e)}
      ${r.map(n=>this.#i(n,e,t))}
    </div>`}updated(){this.#r()}#r=()=>{let{view:e}=this,t=!e?.mayAnimate||this.#n.matches;this.toggleAttribute(`static`,t);let n=e?.power!==this.#t;this.#t=e?.power??null;for(let[r,{arc:i,dots:a}]of this.#e.entries()){let o=[...this.renderRoot.querySelectorAll(`[data-arc="${r}"]`)],s=e&&Z(i,e.flows);if(t||!s)a.stop(o);else{let t={forward:s.from===i.ends[0],top:lt(e.equipment).top};a.place(o,t),n&&a.animate(o,t)}}};#i({node:e,center:t,entityKey:n},r,i){let{value:a,unit:o}=r.format.power(Q(r,e)),s=xn(r,e);return j`<button
      class="node ${e} ${bn(r,e)}"
      style="left:${K(t.x-58)};top:${K(t.y-i-58)}"
      aria-label="${[...new Set([r.format.texts[e],s])].join(`, `)}: ${a} ${o}"
      @click=${()=>this.showMoreInfo(n)}
    >
      ${q(e)}<span class="value"><small>${o}</small><span>${a}</span></span>
      <span class="name">${s}</span>
    </button>`}static styles=[J,dn]};function hn({equipment:e},t){return(t!==`solar`||e.solar)&&(t!==`battery`||e.battery)}function Z({ends:e},t){return t.find(({from:t,to:n,watts:r})=>r>=X&&t!==n&&e.includes(t)&&e.includes(n))}function gn(e,t){let n=ut(e);if(t===void 0)return M`<path class="line" d=${n} />`;let r=3+Math.round(5*Math.min(1,t.watts/fn)),i=t.from===e.ends[0],a=i?.74:.26,{x:o,y:s}=W(e,a),c=dt(e,a)+(i?0:180);return M`<path class="line active ${t.from}" d=${n} style="stroke-width:${r}" />
    <path class="arrow ${t.from}" d="M-4 -6 3 0 -4 6" transform="translate(${o} ${s}) rotate(${c.toFixed(0)})" />`}function _n(e,t){return t===void 0?[]:Array.from({length:2},()=>j`<i class="dot ${t.from}" data-arc=${e}></i>`)}function vn(e,t){let{x:n,y:r}=e.center,i=(e,t,i)=>M`<circle class="ring ${e}" cx=${n} cy=${r} r=${pn} pathLength="100"
      stroke-dasharray=${i>.995?P:`${(i*100).toFixed(1)} 100`} stroke-dashoffset=${(-t*100).toFixed(1)}
      transform="rotate(-90 ${n} ${r})" />`,a=Math.abs(Q(t,e.node)??0)>=X?`active`:``,o=0,s=yn(e.node,t).filter(({share:e})=>e>.005).map(({kind:e,share:t})=>(o+=t,i(e,o-t,t)));return M`<circle class="disc ${a} ${bn(t,e.node)}" cx=${n} cy=${r} r=${pn} />${s}`}function yn(e,t){let n=Q(t,e)??0;switch(e){case`home`:return sn(t.flows).map(({from:e,share:t})=>({kind:e,share:t}));case`battery`:return[{kind:`battery`,share:(t.power?.soc??0)/100}];case`solar`:return[{kind:`solar`,share:+(n>=X)}];case`grid`:return[{kind:bn(t,e),share:+(Math.abs(n)>=X)}]}}function bn(e,t){return t===`grid`&&(Q(e,t)??0)<=-20?`export`:t}function Q({power:e},t){return e===null?null:{solar:e.pv,grid:e.grid,battery:e.battery,home:e.load}[t]}function xn(e,t){let{texts:n}=e.format,r=Q(e,t)??0;return t===`battery`?e.format.percent(e.power?.soc??null):t!==`grid`||Math.abs(r)<X?n[t]:r>0?n.grid_import:n.grid_export}function Sn({state:e,measuredAt:t,format:n}){return e===`live`||t===null?P:j`<span class="as-of">${n.asOf(t,Date.now())}</span>`}var Cn=[[{key:`pv`,label:`solar`,icon:`solar`,colour:`solar`,requires:`solar`},{key:`load`,label:`home`,icon:`home`,colour:`home`}],[{key:`gridImport`,label:`imported`,icon:`into`,colour:`grid`},{key:`gridExport`,label:`exported`,icon:`out`,colour:`export`}],[{key:`batteryCharge`,label:`charged`,icon:`into`,colour:`battery`,requires:`battery`},{key:`batteryDischarge`,label:`discharged`,icon:`out`,colour:`battery`,requires:`battery`}]];function wn({equipment:e}){return Cn.map(t=>t.filter(({requires:t})=>t===void 0||e[t])).sort((e,t)=>t.length-e.length).flat()}var Tn=[wt,nn,mn,Ut,Zt,Yt,class extends H{static tag=`alphaess-live-today`;static option=`show_today`;static inSideColumn=!0;static hasContent(e){return e.today!==null}viewKeys=[`today`,`equipment`,`format`];renderView(e){let{today:t,format:n}=e;if(t===null)return P;let r=Mt(t),i=wn(e).map(e=>({row:e,...n.energy(t[e.key])}));return j`
      <h3>
        <span
          >${n.texts.today} <span class="secondary" aria-hidden="true">${i[0]?.unit}</span></span
        >
        ${r===null?P:j`<span class="secondary"
                >${a(n.texts.self_sufficiency,{percent:n.percent(r)})}</span
              >`}
      </h3>
      <dl>
        ${i.map(({row:e,value:t,unit:r})=>j`<div style="--colour:var(--alphaess-${e.colour})">
              <dt><span class="symbol">${q(e.icon)}</span>${n.texts[e.label]}</dt>
              <dd>${t}<span class="visually-hidden"> ${r}</span></dd>
            </div>`)}
      </dl>
    `}static styles=[J,_`
      :host {
        container-type: inline-size;
      }
      h3,
      dl {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: 0.9em 0.6em;
        margin: 0;
      }
      h3 {
        margin-bottom: 0.9em;
        font-size: 1em;
        font-weight: 600;
        white-space: nowrap;
      }
      h3 .secondary {
        margin-inline-start: 0.2em;
        font-weight: 400;
      }
      h3 > .secondary {
        margin: 0;
      }
      @container (min-width: 26em) {
        h3 {
          grid-template-columns: calc((100% - 1.2em) / 3) 1fr;
        }
        dl {
          grid-auto-flow: column;
          grid-template: auto auto / none;
          grid-auto-columns: 1fr;
        }
      }
      /* The unit is displayed once, in the heading, so that a number with more digits does not shift the layout. */
      dl div {
        position: relative;
        display: flex;
        flex-direction: column-reverse;
        justify-content: flex-end;
        padding-inline-start: 2.9em;
        min-height: 2.3em;
        line-height: 1.2;
        white-space: nowrap;
      }
      dt {
        font-size: 0.86em;
        color: var(--alphaess-secondary);
      }
      dd {
        margin: 0;
        font-size: 1.2em;
        font-weight: 600;
      }
      .symbol {
        position: absolute;
        inset-inline-start: 0;
        top: 0;
        display: grid;
        place-content: center;
        width: 2.7em;
        height: 2.7em;
        border-radius: 50%;
        color: var(--colour);
        background: color-mix(in srgb, var(--colour) 14%, transparent);
      }
    `]},Xt],En=class extends HTMLElement{static tag=`alphaess-live-relative-time`;#e=()=>``;set format(e){this.#e=e,this.update()}connectedCallback(){On(this)}disconnectedCallback(){kn(this)}update(){let e=this.#e(Date.now());e!==this.textContent&&(this.textContent=e)}},$=new Set,Dn;function On(e){$.add(e),Dn??=setInterval(()=>{if(!document.hidden)for(let e of $)e.update()},1e3)}function kn(e){$.delete(e),$.size>0||(clearInterval(Dn),Dn=void 0)}var An=class{fault=null;#e;#t;update(e,t){return e===this.#e&&t===this.#t?!1:(this.#e=e,this.#t=t,this.fault=jn(e,t),!0)}};function jn(e,t){let{active:n,fault_count:r,warning_count:i,everyday_count:a}=f(e?.attributes),o=Array.isArray(n)?n.map(f).find(({code:t})=>t===e?.state):void 0;if(e===void 0||o===void 0)return null;let{text:s,severity:c,since:l}=o,u=typeof l==`string`?Date.parse(l):NaN,d=p(a)??0,ee=(p(r)??0)+(p(i)??0)-d;return{text:t?.(e)??(typeof s==`string`?s:e.state),severity:c===`fault`?`fault`:`warning`,since:Number.isNaN(u)?null:u,otherCount:Math.max(0,ee-1)}}var Mn={kind:null,message:null},Nn={socket:`idle`,paused:!1,connected:null,linkError:Mn,power:null,measuredAt:null,clockOffset:null,seq:null};function Pn(e,t){switch(t.type){case`socket`:return Ln(e,t.socket);case`pause`:return{...e,paused:!0};case`resume`:return{...e,paused:!1};case`message`:return Rn(e,t.message,t.receivedAt)}}function Fn(e){return e.socket===`lost`?`feed_lost`:e.connected===!1?`disconnected`:e.connected===null||e.socket!==`open`?`connecting`:e.paused?`paused`:e.power===null?`connecting`:`live`}function In(e){return e.measuredAt===null?null:e.measuredAt+(e.clockOffset??0)}function Ln(e,t){return t===`connecting`&&e.socket===`lost`?e:{...e,socket:t,clockOffset:t===`open`?null:e.clockOffset}}function Rn(e,t,n){let r=n-t.timestamp,i=e.clockOffset===null?r:Math.min(e.clockOffset,r),a={...e,clockOffset:i,seq:t.seq??e.seq};switch(t.type){case`power`:return a.paused&&a.power!==null?a:{...a,power:t.power,measuredAt:t.timestamp};case`connected`:return{...a,connected:!0,linkError:Mn};case`disconnected`:return{...a,connected:!1,linkError:t.linkError};case`status`:return{...a,connected:t.connected,linkError:t.connected?Mn:t.linkError}}}var zn=1e4,Bn=2e4,Vn=5e3,Hn=6e4,Un=1e3,Wn=3e3,Gn=3e4,Kn=.25,qn=class{serial;state=Nn;failures=0;messages=0;#e;#t=new Set;#n=null;#r=!1;#i=0;#a;#o;#s;#c;constructor(e,t){this.serial=e,this.#e=t}subscribe(e){return this.#t.add(e),clearTimeout(this.#c),this.#t.size===1&&this.#u(),()=>{!this.#t.delete(e)||this.#t.size>0||(this.#c=setTimeout(()=>this.#d(),Un))}}pause(){this.#w({type:`pause`})}resume(){this.#w({type:`resume`}),this.#b({type:`request_power_data`})}refresh(){this.state.socket===`open`?this.#b({type:`refresh`}):this.retryNow()}retryNow(){this.failures=0,this.#l()}#l(){this.#t.size===0||this.#r||this.state.socket===`open`||this.#m()}#u(){document.addEventListener(`visibilitychange`,this.#f),window.addEventListener(`online`,this.#p),document.hidden||this.retryNow()}#d(){document.removeEventListener(`visibilitychange`,this.#f),window.removeEventListener(`online`,this.#p),clearTimeout(this.#s),this.#S()}#f=()=>{clearTimeout(this.#s),document.hidden?this.#s=setTimeout(()=>this.#S(),Hn):this.#p()};#p=()=>{this.state.socket===`open`?this.#y():this.retryNow()};async#m(){this.#C();let e=this.#i;this.#r=!0,this.#a=setTimeout(()=>this.#x(),zn),this.#w({type:`socket`,socket:`connecting`});try{let t=await this.#e.sign(this.#h());e===this.#i&&this.#g(new WebSocket(this.#e.socketUrl(t)))}catch{e===this.#i&&this.#x()}}#h(){let e=new URLSearchParams({serial:this.serial});return this.state.seq!==null&&e.set(`since`,String(this.state.seq)),`/ws/power-data?${e.toString()}`}#g(e){this.#n=e,e.onmessage=e=>this.#_(e.data),e.onclose=()=>this.#x()}#_(e){this.#v(),this.messages+=1;let t=re(e);t!==null&&(this.state.socket!==`open`&&(this.#r=!1,this.failures=0,this.#w({type:`socket`,socket:`open`})),this.#w({type:`message`,message:t,receivedAt:Date.now()}))}#v(){clearTimeout(this.#a),this.#a=setTimeout(()=>this.#y(),Bn)}#y(){this.#b({type:`ping`}),clearTimeout(this.#a),this.#a=setTimeout(()=>this.#x(),Vn)}#b(e){this.#n?.readyState===WebSocket.OPEN&&this.#n.send(JSON.stringify(e))}#x(){this.#C(),this.failures+=1,this.#o=setTimeout(()=>this.#l(),Jn(this.failures,Math.random())),this.#w({type:`socket`,socket:`lost`})}#S(){this.#C(),this.#w({type:`socket`,socket:`idle`})}#C(){this.#i+=1,this.#r=!1,clearTimeout(this.#a),clearTimeout(this.#o),this.#n!==null&&(this.#n.onmessage=null,this.#n.onclose=null,this.#n.close(),this.#n=null)}#w(e){this.state=Pn(this.state,e);for(let e of this.#t)e()}};function Jn(e,t){return Math.min(Gn,Wn*2**Math.max(0,e-1))*(1-Kn*t)}var Yn=new Map;function Xn(e,t){let n=Yn.get(e)??new qn(e,t);return Yn.set(e,n),n}var Zn=_`
  :host {
    --alphaess-solar: var(--energy-solar-color, #ff9800);
    --alphaess-grid: var(--energy-grid-consumption-color, #488fc2);
    --alphaess-export: var(--energy-grid-return-color, #8353d1);
    --alphaess-battery: var(--energy-battery-out-color, #4db6ac);
    --alphaess-home: var(--primary-color, #009ac7);
    --alphaess-success: var(--success-color, #43a047);
    --alphaess-error: var(--error-color, #db4437);
    --alphaess-warning: var(--warning-color, #ffa600);
    --alphaess-text: var(--primary-text-color, #141414);
    --alphaess-secondary: var(--secondary-text-color, #5e5e5e);
    --alphaess-line: var(--divider-color, #0000001f);
    --alphaess-surface: var(--ha-card-background, var(--card-background-color, #fff));
    --alphaess-button: color-mix(in srgb, var(--alphaess-text) 6%, transparent);
    color: var(--alphaess-text);
  }
  /* Values that are not current are displayed in grey. */
  :host([state="disconnected"]),
  :host([state="connecting"]) {
    --alphaess-solar: var(--alphaess-faded);
    --alphaess-grid: var(--alphaess-faded);
    --alphaess-export: var(--alphaess-faded);
    --alphaess-battery: var(--alphaess-faded);
    --alphaess-home: var(--alphaess-faded);
    --alphaess-faded: color-mix(in srgb, var(--alphaess-secondary) 60%, transparent);
    --alphaess-value: var(--alphaess-secondary);
  }
`,Qn=_`
  :host {
    display: block;
    height: 100%;
  }
  ha-card {
    display: block;
    height: 100%;
    box-sizing: border-box;
    padding: 8px;
    overflow: hidden;
    container-type: inline-size;
  }
  h2 {
    margin: 8px 8px 4px;
    font-size: 18px;
    font-weight: 500;
    line-height: 1.3;
  }
  .elements,
  .side-column {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  /* The elements in the side column scale with this: a wall panel is read from further away than a phone. */
  .elements {
    position: relative;
    font-size: 14px;
  }
  @container (min-width: 640px) {
    .elements {
      font-size: 15px;
    }
    .side-column {
      gap: 28px;
    }
  }
  @container (min-width: 760px) {
    .elements {
      font-size: 17px;
    }
  }
  @container (min-width: 880px) {
    .elements {
      font-size: 20px;
    }
  }
  .side-column {
    gap: 20px;
    padding: 4px 8px 8px;
  }
  .side-column:empty {
    display: none;
  }
  .problem {
    margin: 8px;
    padding: 10px 12px;
    border-radius: 8px;
    font-size: 14px;
    line-height: 1.4;
    background: color-mix(in srgb, var(--alphaess-warning) 18%, transparent);
  }
`,$n=class{isVisible=!0;#e;#t=null;#n=null;#r=null;#i=!0;#a=!1;#o=new IntersectionObserver(e=>{this.#i=e.at(-1)?.isIntersecting??!0,this.#u()});constructor(e){this.#e=e,e.addController(this)}hostConnected(){this.#a=!0,this.#o.observe(this.#e),document.addEventListener(`visibilitychange`,this.#u),this.#s()}hostDisconnected(){this.#a=!1,this.#o.disconnect(),document.removeEventListener(`visibilitychange`,this.#u),this.#c()}setFeed(e){e!==this.#t&&(this.#c(),this.#t=e,this.#s())}#s(){this.#a&&this.#t!==null&&(this.#n=this.#t.subscribe(this.#l))}#c(){this.#r!==null&&cancelAnimationFrame(this.#r),this.#r=null,this.#n?.(),this.#n=null}#l=()=>{this.#i&&(this.#r??=requestAnimationFrame(()=>{this.#r=null,this.#e.requestUpdate()}))};#u=()=>{let e=this.#i&&!document.hidden;e!==this.isVisible&&(this.isVisible=e,this.#e.requestUpdate())}},er=class extends V{parsed=u({});inverter=null;feed=null;#e=null;#t=null;#n=null;#r={power:null,flows:on(tr)};#i=null;#a=!0;#o=new An;#s=new le;#c=new $n(this);constructor(){super(),this.addEventListener(st,({detail:e})=>this.onAction(e))}setConfig(e){this.parsed=u(e),this.#d()}get hass(){return this.#e}set hass(e){let t=this.#e;if(this.#e=e,e===null)return;(t?.locale!==e.locale||t.language!==e.language)&&(this.#t=null),(this.#t===null||t?.devices!==e.devices)&&this.#d();let n=e.connected&&this.entityState(`modbus`)!==`unavailable`;n&&!this.#a&&this.feed?.retryNow(),this.#a=n,this.#f()&&this.requestUpdate()}entityState(e){return this.#m(e)?.state}onAction(e){switch(e.type){case`pause`:this.feed?.pause();break;case`resume`:this.feed?.resume();break;case`refresh`:this.feed?.refresh();break;case`more-info`:this.#p(e.entityKey)}}buildView(e){let t=this.feed?.state??Nn,n=Fn(t);return this.#f(),t.power!==this.#r.power&&(this.#r={power:t.power,flows:on(t.power??tr)}),{state:n,linkError:t.linkError,power:t.power,flows:this.#r.flows,measuredAt:In(t),mayAnimate:n===`live`&&this.#c.isVisible,fault:this.#o.fault,equipment:Dt,today:null,dispatch:null,orderFailure:null,debug:this.feed===null?``:rr(this.feed),format:e}}render(){let{language:e}=this.#e??{},t=this.#t;if(t===null||e===void 0)return P;if(this.#n!==null)return this.removeAttribute(`state`),this.#l(j`<p class="problem">${this.#n}</p>`,t);let n=this.buildView(t);this.setAttribute(`state`,n.state),this.#i??=this.elementClasses.map(e=>({element:e,node:new e}));let{config:r}=this.parsed,i=this.#i.filter(({element:e})=>(!e.option||r[e.option])&&e.hasContent?.(n)!==!1);for(let{node:e}of i)e.view=n;let a=e=>i.filter(({element:t})=>!!t.inSideColumn===e).map(({node:e})=>e);return this.#l(j`<div class="elements">
        ${a(!1)}
        <div class="side-column">${a(!0)}</div>
      </div>`,t)}#l(e,{texts:t}){let{config:n,problems:r}=this.parsed,i=n.title??this.#u();return j`<ha-card>
      ${i===null?P:j`<h2>${i}</h2>`}
      ${r.map(e=>j`<p class="problem" role="alert">${nr(e,t)}</p>`)}
      ${e}
    </ha-card>`}#u(){return this.#e===null||this.inverter===null?null:m(this.#e).length>1?this.inverter.name:null}#d(){let e=this.#e;if(e===null)return;this.#t??=new i(e.locale,h(e.language),e.config.time_zone);let t=te(m(e),this.parsed.config.device,this.#t.texts);this.inverter=`inverter`in t?t.inverter:null,this.#n=`problem`in t?t.problem:null,this.feed=this.inverter===null?null:Xn(this.inverter.serial,de(e)),this.#c.setFeed(this.feed),this.requestUpdate()}#f(){return this.#o.update(this.#m(`faults`),this.#e?.formatEntityState)}#p(e){let t=this.#h(e);t!==null&&ue(this,t)}#m(e){let t=this.#h(e);return t===null?void 0:this.#e?.states[t]}#h(e){return this.#e===null||this.inverter===null?null:this.#s.find(this.#e,this.inverter.deviceId,e)}static styles=[Zn,Qn]},tr={soc:null,battery:null,pv:null,grid:null,load:null};function nr({kind:e,option:t,value:n},r){return a(r[e],{option:t,value:n})}function rr({state:e,failures:t,messages:n,serial:r}){let{socket:i,seq:a,connected:o,clockOffset:s,linkError:c}=e,l=`${r} · socket ${i} · inverter ${String(o)} · seq ${a??`–`} · ${n} messages · ${t} failures · clock ${s??`–`} ms`;return c.message===null?l:`${l} · ${c.message}`}var ir=3e5,ar=3e3,or=class{equipment=Dt;today=null;dispatch=null;availability=`none`;#e;#t;#n=null;#r;#i;constructor(e,t){this.#e=e,this.#t=t,e.addController(this)}hostConnected(){this.#r=setInterval(()=>{document.hidden||this.#c()},ir),document.addEventListener(`visibilitychange`,this.#a),this.#o()}hostDisconnected(){clearInterval(this.#r),this.#r=void 0,clearTimeout(this.#i),document.removeEventListener(`visibilitychange`,this.#a)}setSerial(e){e!==this.#n&&(this.#n=e,this.equipment=Dt,this.today=null,this.dispatch=null,this.#o())}setAvailability(e){if(e===this.availability)return;let t=this.availability===`none`||e===`inverter`;this.availability=e,t&&this.#o()}async updateDispatch(){if(clearTimeout(this.#i),this.availability!==`inverter`)return;let e=await this.#l(`dispatch-status`);this.dispatch=Pt(e,Date.now());let t=this.dispatch?.endsAt??null;t!==null&&(this.#i=setTimeout(()=>void this.updateDispatch(),Math.max(0,t-Date.now())+ar)),this.#e.requestUpdate()}async send(e,t){try{return await this.#t(`POST`,this.#u(e),t),null}catch(t){return{order:e,reason:Bt(t)}}finally{await this.updateDispatch()}}#a=()=>{document.hidden||this.#c()};#o(){this.#r!==void 0&&(this.#s(),this.#c(),this.updateDispatch())}async#s(){if(this.availability===`none`)return;let e=await this.#l(`system/architecture`);e!==null&&(this.equipment=At(e)),this.#e.requestUpdate()}async#c(){this.availability!==`none`&&(this.today=jt(await this.#l(`history/today`)),this.#e.requestUpdate())}async#l(e){let t=this.#n;if(t===null)return null;try{let n=await this.#t(`GET`,this.#u(e));return t===this.#n?n:null}catch{return null}}#u(e){return`alphaess/${e}?serial=${encodeURIComponent(this.#n??``)}`}},sr={live:`inverter`,paused:`inverter`,disconnected:`home_assistant`,feed_lost:`none`,connecting:`none`},cr=class extends er{static tag=`alphaess-live-card`;static getConfigForm(){return he(l)}static getStubConfig(e){return ge(e)}elementClasses=Tn;#e=new or(this,(...e)=>this.#i(...e));#t=null;#n;get hass(){return super.hass}set hass(e){super.hass=e;let t=this.entityState(`dispatch_status`);t!==this.#n&&(this.#n=t,this.#t=null,t!==`unavailable`&&this.#e.updateDispatch())}getCardSize(){let{show_flow:e,show_battery:t,show_today:n,show_dispatch:r,show_control:i}=this.parsed.config;return[1,e?6:0,t?2:0,n?2:0,+!!r,+!!i].reduce((e,t)=>e+t,0)}getGridOptions(){return{columns:12,rows:`auto`,min_columns:6}}willUpdate(){this.#e.setSerial(this.inverter?.serial??null)}buildView(e){let t=super.buildView(e);this.#e.setAvailability(sr[t.state]);let{equipment:n,today:r,dispatch:i,availability:a}=this.#e;return{...t,equipment:n,today:r,dispatch:a===`inverter`?i:null,orderFailure:this.#t}}onAction(e){super.onAction(e),e.type===`stop`&&this.#r(`stop`),e.type===`hold`&&this.#r(`hold`,{block:e.block,duration:e.hours*3600})}async#r(...e){this.#t=await this.#e.send(...e),this.requestUpdate()}async#i(...e){return this.hass?.callApi(...e)}static styles=[...er.styles,_`
      @container (min-width: 640px) {
        .elements:has(alphaess-live-flow) {
          grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr);
          column-gap: 32px;
          align-items: center;
        }
        alphaess-live-banner,
        alphaess-live-fault {
          grid-column: 1 / -1;
        }
      }
    `]},lr=class extends er{static tag=`alphaess-live-status-card`;static getConfigForm(){return he([`show_faults`,`show_debug`])}static getStubConfig(e){return ge(e)}elementClasses=[wt,nn,Xt];getCardSize(){return 1}getGridOptions(){return{columns:12,rows:`auto`,min_columns:6}}},ur=`https://github.com/alphaess-live/alphaess-live#cards`,dr=[{card:cr,name:`AlphaESS Live`,description:`card_description`},{card:lr,name:`AlphaESS Live status`,description:`status_description`}];function fr(e,t){customElements.get(e)===void 0&&customElements.define(e,t)}function pr(e,t,n){let r=window.customCards??=[];r.some(t=>t.type===e)||r.push({type:e,name:t,get description(){return h(document.documentElement.lang)[n]},preview:!0,documentationURL:ur,getEntitySuggestion:(t,n)=>_e(e,t,n)})}fr(En.tag,En);for(let e of Tn)fr(e.tag,e);for(let{card:e,name:t,description:n}of dr)fr(e.tag,e),pr(e.tag,t,n);