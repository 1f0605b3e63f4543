/* Built from frontend/ by `npm run build`; edit there, never here. */
var e=globalThis,t=e.ShadowRoot&&(e.ShadyCSS===void 0||e.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,n=Symbol(),r=new WeakMap,i=class{constructor(e,t,r){if(this._$cssResult$=!0,r!==n)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,n=this.t;if(t&&e===void 0){let t=n!==void 0&&n.length===1;t&&(e=r.get(n)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),t&&r.set(n,e))}return e}toString(){return this.cssText}},a=e=>new i(typeof e==`string`?e:e+``,void 0,n),o=(e,...t)=>new i(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,n),s=(n,r)=>{if(t)n.adoptedStyleSheets=r.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let t of r){let r=document.createElement(`style`),i=e.litNonce;i!==void 0&&r.setAttribute(`nonce`,i),r.textContent=t.cssText,n.appendChild(r)}},c=t?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return a(t)})(e):e,{is:l,defineProperty:u,getOwnPropertyDescriptor:d,getOwnPropertyNames:ee,getOwnPropertySymbols:te,getPrototypeOf:ne}=Object,f=globalThis,re=f.trustedTypes,ie=re?re.emptyScript:``,ae=f.reactiveElementPolyfillSupport,p=(e,t)=>e,oe={toAttribute(e,t){switch(t){case Boolean:e=e?ie:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},se=(e,t)=>!l(e,t),ce={attribute:!0,type:String,converter:oe,reflect:!1,useDefault:!1,hasChanged:se};Symbol.metadata??=Symbol(`metadata`),f.litPropertyMetadata??=new WeakMap;var m=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=ce){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&u(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=d(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??ce}static _$Ei(){if(this.hasOwnProperty(p(`elementProperties`)))return;let e=ne(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(p(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(p(`properties`))){let e=this.properties,t=[...ee(e),...te(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(c(e))}else e!==void 0&&t.push(c(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return s(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?oe:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?oe:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??se)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};m.elementStyles=[],m.shadowRootOptions={mode:`open`},m[p(`elementProperties`)]=new Map,m[p(`finalized`)]=new Map,ae?.({ReactiveElement:m}),(f.reactiveElementVersions??=[]).push(`2.1.2`);var le=globalThis,ue=e=>e,h=le.trustedTypes,de=h?h.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,fe=`$lit$`,g=`lit$${Math.random().toFixed(9).slice(2)}$`,pe=`?`+g,me=`<${pe}>`,_=document,v=()=>_.createComment(``),y=e=>e===null||typeof e!=`object`&&typeof e!=`function`,b=Array.isArray,he=e=>b(e)||typeof e?.[Symbol.iterator]==`function`,x=`[ 	
\f\r]`,S=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,ge=/-->/g,_e=/>/g,C=RegExp(`>|${x}(?:([^\\s"'>=/]+)(${x}*=${x}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),ve=/'/g,ye=/"/g,be=/^(?:script|style|textarea|title)$/i,xe=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),w=xe(1),T=xe(2),E=Symbol.for(`lit-noChange`),D=Symbol.for(`lit-nothing`),Se=new WeakMap,O=_.createTreeWalker(_,129);function Ce(e,t){if(!b(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return de===void 0?t:de.createHTML(t)}var we=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=S;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===S?c[1]===`!--`?o=ge:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=C):(be.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=C):o=_e:o===C?c[0]===`>`?(o=i??S,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?C:c[3]===`"`?ye:ve):o===ye||o===ve?o=C:o===ge||o===_e?o=S:(o=C,i=void 0);let d=o===C&&e[t+1].startsWith(`/>`)?` `:``;a+=o===S?n+me:l>=0?(r.push(s),n.slice(0,l)+fe+n.slice(l)+g+d):n+g+(l===-2?t:d)}return[Ce(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},k=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=we(t,n);if(this.el=e.createElement(l,r),O.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=O.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(fe)){let t=u[o++],n=i.getAttribute(e).split(g),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?De:r[1]===`?`?Oe:r[1]===`@`?ke:j}),i.removeAttribute(e)}else e.startsWith(g)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(be.test(i.tagName)){let e=i.textContent.split(g),t=e.length-1;if(t>0){i.textContent=h?h.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],v()),O.nextNode(),c.push({type:2,index:++a});i.append(e[t],v())}}}else if(i.nodeType===8){if(i.data===pe)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(g,e+1))!==-1;)c.push({type:7,index:a}),e+=g.length-1}}a++}}static createElement(e,t){let n=_.createElement(`template`);return n.innerHTML=e,n}};function A(e,t,n=e,r){if(t===E)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=y(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=A(e,i._$AS(e,t.values),i,r)),t}var Te=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??_).importNode(t,!0);O.currentNode=r;let i=O.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new Ee(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new Ae(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=O.nextNode(),a++)}return O.currentNode=_,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},Ee=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=D,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=A(this,e,t),y(e)?e===D||e==null||e===``?(this._$AH!==D&&this._$AR(),this._$AH=D):e!==this._$AH&&e!==E&&this._(e):e._$litType$===void 0?e.nodeType===void 0?he(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==D&&y(this._$AH)?this._$AA.nextSibling.data=e:this.T(_.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=k.createElement(Ce(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new Te(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=Se.get(e.strings);return t===void 0&&Se.set(e.strings,t=new k(e)),t}k(t){b(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(v()),this.O(v()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=ue(e).nextSibling;ue(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},j=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=D,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=D}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=A(this,e,t,0),a=!y(e)||e!==this._$AH&&e!==E,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=A(this,r[n+o],t,o),s===E&&(s=this._$AH[o]),a||=!y(s)||s!==this._$AH[o],s===D?e=D:e!==D&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===D?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},De=class extends j{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===D?void 0:e}},Oe=class extends j{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==D)}},ke=class extends j{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=A(this,e,t,0)??D)===E)return;let n=this._$AH,r=e===D&&n!==D||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==D&&(n===D||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},Ae=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){A(this,e)}},je=le.litHtmlPolyfillSupport;je?.(k,Ee),(le.litHtmlVersions??=[]).push(`3.3.3`);var Me=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new Ee(t.insertBefore(v(),e),e,void 0,n??{})}return i._$AI(e),i},M=globalThis,N=class extends m{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Me(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return E}};N._$litElement$=!0,N.finalized=!0,M.litElementHydrateSupport?.({LitElement:N});var Ne=M.litElementPolyfillSupport;Ne?.({LitElement:N}),(M.litElementVersions??=[]).push(`4.2.2`);var P=[`show_faults`,`show_flow`,`show_battery`,`show_today`,`show_dispatch`,`show_debug`],Pe={show_faults:!0,show_flow:!0,show_battery:!0,show_today:!0,show_dispatch:!0,show_debug:!1};function Fe(e){if(typeof e!=`object`||!e||Array.isArray(e))throw Error(`The configuration of an AlphaESS Live card must be a mapping of options.`);let t=e,n=[],r=e=>{let r=t[e];return r==null||r===``?null:typeof r==`string`?r:(n.push({kind:`not_text`,option:e,value:JSON.stringify(r)}),null)};return{config:{type:typeof t.type==`string`?t.type:``,device:r(`device`),title:r(`title`),...Ie(t,n)},problems:[...n,...Le(t)]}}function Ie(e,t){let n={...Pe};for(let r of P){let i=e[r];typeof i==`boolean`?n[r]=i:i!=null&&t.push({kind:`not_boolean`,option:r,value:JSON.stringify(i)})}return n}function Le(e){return Object.keys(e).filter(e=>e.startsWith(`show_`)&&!P.some(t=>t===e)).map(e=>({kind:`unknown_option`,option:e,value:P.join(`, `)}))}var Re=[`refused`,`timeout`,`reset`,`unreachable`,`busy`,`protocol`];function ze(e){let t=typeof e==`string`?Be(e):null;if(t===null)return null;let n=typeof t.timestamp==`string`?Date.parse(t.timestamp):NaN;if(Number.isNaN(n))return null;let r={timestamp:n,seq:I(t.seq)};switch(t.type){case`connection_status`:return{...r,type:`status`,connected:t.connected===!0,trouble:He(t)};case`power_update`:return{...r,type:`power`,power:Ve(F(t.data))};case`modbus_connected`:return{...r,type:`connected`};case`modbus_disconnected`:return{...r,type:`disconnected`,trouble:Ue(t)};default:return null}}function Be(e){try{return F(JSON.parse(e))}catch{return null}}function Ve(e){let t=F(e.battery);return{soc:I(t.soc),battery:I(t.power),pv:I(F(e.pv).power),grid:I(F(e.grid).power),load:I(F(e.load).power)}}function He(e){return Ue(F(e.connectionStatus))}function Ue(e){let t=Re.find(t=>t===e.errorKind)??null,n=e.errorMessage;return{kind:t,message:typeof n==`string`?n:null}}function F(e){return typeof e==`object`&&e?e:{}}function I(e){return typeof e==`number`&&Number.isFinite(e)?e:null}var We={solar:!0,battery:!0,capacity:null},Ge={pv:[`pv_energy_kwh`,`pv`],gridImport:[`grid_import_kwh`,`gridImport`],gridExport:[`grid_export_kwh`,`gridExport`],batteryCharge:[`battery_charge_kwh`,`batteryCharge`],batteryDischarge:[`battery_discharge_kwh`,`batteryDischarge`],load:[`load_consumption_kwh`,`load`]};function Ke(e){let{battery:t,pv:n}=F(e),{strings:r,acCoupled:i}=F(n),a=I(F(t).capacity);return{solar:!(r===0||Array.isArray(r)&&r.length===0)||!!i,battery:t!==null&&a!==0,capacity:a}}function qe(e){let t=Array.isArray(e)?e:Object.values(F(e)).find(Array.isArray);if(t===void 0||t.length===0)return null;let n=e=>{let[n,r]=Ge[e],i=t.map(F).map(e=>I(e[n])??I(e[r])).filter(e=>e!==null);return i.length===0?null:i.reduce((e,t)=>e+t,0)};return{pv:n(`pv`),gridImport:n(`gridImport`),gridExport:n(`gridExport`),batteryCharge:n(`batteryCharge`),batteryDischarge:n(`batteryDischarge`),load:n(`load`)}}function Je(e){let{load:t,gridImport:n}=e;return t===null||n===null||t<=0?null:Math.min(100,Math.max(0,(1-n/t)*100))}var Ye=[`soc_control`,`osw_soc_control`];function Xe(e,t){let n=F(e);if(n.active!==!0)return null;let r=I(n.remaining);return{kind:Ze(n),ours:n.controlledBy===`alphaess_live`,power:I(n.power),targetSoc:I(n.targetSoc),endsAt:r===null?null:t+r*1e3}}function Ze(e){return Ye.includes(e.mode)?e.charging===!0?`charge`:e.discharging===!0?`discharge`:`hold`:`other`}function Qe(e,t){let[n,r]=e<0?[`charge`,100]:[`discharge`,0];return t===null?r:t.kind===n?t.targetSoc??r:null}function $e(e,t,n,r){if(e===null||t===null||r===null||Math.abs(n)<100)return null;let i=n<0?e-t:t-e,a=i/100*r/(Math.abs(n)/1e3);return i<=0||a>48?null:a}function et(e){let t=e<1?5:e<6?10:60;return Math.max(t,Math.round(e*60/t)*t)*60}var tt=new Map([[`foreign_dispatch`,`stop_foreign`],[`control_not_permitted`,`stop_forbidden`],[`read_not_permitted`,`stop_forbidden`],[`not_applied`,`stop_not_applied`],[`modbus_disconnected`,`unknown_cause`],[`not_loaded`,`stop_not_loaded`],[`no_inverter`,`stop_gone`],[`unknown_inverter`,`stop_gone`]]);function nt(e){let{body:t,status_code:n}=F(e);return I(n)===null?`no_answer`:tt.get(F(t).error)??`stop_impossible`}var rt=3e5,it=3e3,at=class{host;api;equipment=We;today=null;dispatch=null;reach=`nothing`;#e=null;#t;#n;constructor(e,t){this.host=e,this.api=t,e.addController(this)}hostConnected(){this.#t=setInterval(()=>{document.hidden||this.#o()},rt),document.addEventListener(`visibilitychange`,this.#r),this.#i()}hostDisconnected(){clearInterval(this.#t),this.#t=void 0,clearTimeout(this.#n),document.removeEventListener(`visibilitychange`,this.#r)}about(e){e!==this.#e&&(this.#e=e,this.equipment=We,this.today=null,this.dispatch=null,this.#i())}reaches(e){if(e===this.reach)return;let t=this.reach===`nothing`||e===`inverter`;this.reach=e,t&&this.#i()}async askDispatch(){if(clearTimeout(this.#n),this.reach!==`inverter`)return;let e=await this.#s(`dispatch-status`);this.dispatch=Xe(e,Date.now());let t=this.dispatch?.endsAt??null;t!==null&&(this.#n=setTimeout(()=>void this.askDispatch(),Math.max(0,t-Date.now())+it)),this.host.requestUpdate()}async stop(){try{return await this.api(`POST`,this.#c(`stop`)),null}catch(e){return nt(e)}finally{await this.askDispatch()}}#r=()=>{document.hidden||this.#o()};#i(){this.#t!==void 0&&(this.#a(),this.#o(),this.askDispatch())}async#a(){if(this.reach===`nothing`)return;let e=await this.#s(`system/architecture`);e!==null&&(this.equipment=Ke(e)),this.host.requestUpdate()}async#o(){this.reach!==`nothing`&&(this.today=qe(await this.#s(`history/today`)),this.host.requestUpdate())}async#s(e){let t=this.#e;if(t===null)return null;try{let n=await this.api(`GET`,this.#c(e));return t===this.#e?n:null}catch{return null}}#c(e){return`alphaess/${e}?serial=${encodeURIComponent(this.#e??``)}`}},ot=`alphaess-live-action`,L=class extends N{static properties={view:{attribute:!1}};shouldUpdate(e){let{view:t}=this;if(t===void 0)return!1;let n=e.get(`view`);return n===void 0||e.size>1||this.reads.some(e=>n[e]!==t[e])}act(e){this.dispatchEvent(new CustomEvent(ot,{bubbles:!0,composed:!0,detail:e}))}},st={solar:`M8 12a4 4 0 1 0 8 0a4 4 0 1 0-8 0M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4`,grid:`M7.5 21.5 11 2.5h2l3.5 19M5.5 7h13M5.5 7v2M18.5 7v2M4 12.5h16M4 12.5v2M20 12.5v2M9.3 12.8l6.2 5.7M14.7 12.8l-6.2 5.7`,home:`M3.5 11.5 12 4l8.5 7.5M6 9.5V20h12V9.5M10 20v-5.5h4V20`,battery:`M8.5 5h7A1.5 1.5 0 0 1 17 6.5v13a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-13A1.5 1.5 0 0 1 8.5 5zM10 5V2.8h4V5M12.6 9.5l-2.4 3.8h3.6l-2.4 3.8`,bolt:`M13 3 5.5 13.5H11L10 21l7.5-10.5H12z`,pause:`M9 6v12M15 6v12`,play:`M8.5 5.5 18 12l-9.5 6.5z`,refresh:`M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15`,alert:`M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1`,more:`M9 5.5 15.5 12 9 18.5`,into:`M12 4v13M6.5 11.5 12 17l5.5-5.5M5 20.5h14`,out:`M12 17V4M6.5 9.5 12 4l5.5 5.5M5 20.5h14`};function R(e){return w`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    ${T`<path d=${st[e]} />`}
  </svg>`}var ct=[{place:`solar`,at:{x:200,y:64},quantity:`pv_power`},{place:`grid`,at:{x:64,y:170},quantity:`grid_power`},{place:`home`,at:{x:336,y:170},quantity:`load_power`},{place:`battery`,at:{x:200,y:276},quantity:`battery_power`}],z=[{ends:[`solar`,`home`],curve:V({x:258,y:64},{x:336,y:112})},{ends:[`solar`,`grid`],curve:V({x:142,y:64},{x:64,y:112})},{ends:[`battery`,`home`],curve:V({x:258,y:276},{x:336,y:228})},{ends:[`battery`,`grid`],curve:V({x:142,y:276},{x:64,y:228})},{ends:[`solar`,`battery`],curve:ft({x:200,y:122},{x:200,y:218})},{ends:[`grid`,`home`],curve:ft({x:122,y:170},{x:278,y:170})}];function lt(e){let t=e.solar?0:106;return{top:t,height:(e.battery?340:234)-t}}function ut({curve:[e,t,n,r]}){return`M${e.x} ${e.y}C${t.x} ${t.y} ${n.x} ${n.y} ${r.x} ${r.y}`}function B({curve:[e,t,n,r]},i){let a=(e,t,n,r)=>(1-i)**3*e+3*(1-i)**2*i*t+3*(1-i)*i**2*n+i**3*r;return{x:a(e.x,t.x,n.x,r.x),y:a(e.y,t.y,n.y,r.y)}}function dt(e,t){let n=B(e,t-.05),r=B(e,t+.05);return Math.atan2(r.y-n.y,r.x-n.x)*180/Math.PI}function ft(e,t){return[e,e,t,t]}function V(e,t){let n=.5523;return[e,{x:e.x+(t.x-e.x)*n,y:e.y},{x:t.x,y:t.y-(t.y-e.y)*n},t]}var pt=8,mt={duration:320,easing:`steps(${pt})`},ht=class{arc;#e=[];constructor(e){this.arc=e}rest(e,t){for(let[n,r]of e.entries())r.style.transform=this.#n(_t(n),t),r.style.opacity=`1`}beat(e,t){this.#e.some(({playState:e})=>e===`running`)||(this.#e=e.map((e,n)=>e.animate(this.#t(n,t),mt)))}stop(e){for(let e of this.#e)e.cancel();this.#e=[];for(let t of e)t.removeAttribute(`style`)}#t(e,t){return Array.from({length:9},(e,t)=>t/pt).flatMap(n=>{let r=_t(e)+gt(n)/2,i=e=>({offset:n,transform:this.#n(e,t),opacity:e===0||e===1?0:1});return r===1?[i(1),i(0)]:[i(r%1)]})}#n(e,{forward:t,top:n}){let{x:r,y:i}=B(this.arc,t?e:1-e);return`translate(${H(r)}, ${H(i-n)})`}};function gt(e){return e*e*(3-2*e)}function _t(e){return(e+.5)/2}function H(e){return`${(e/400*100).toFixed(3)}cqw`}var U=o`
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
  .action.worded {
    padding: 0 16px 0 12px;
    background: var(--alphaess-soft);
  }
  @media (hover: hover) {
    .action:hover {
      background: color-mix(in srgb, var(--alphaess-text) 10%, transparent);
    }
  }
  .quiet {
    color: var(--alphaess-quiet);
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`,vt={does:`pause`,icon:`pause`,label:`pause`,worded:!1},yt={does:`resume`,icon:`play`,label:`resume`,worded:!0},bt={does:`refresh`,icon:`refresh`,label:`refresh`,worded:!1},xt={does:`refresh`,icon:`refresh`,label:`retry`,worded:!0},St={live:[vt,bt],paused:[yt],disconnected:[xt],feed_lost:[xt],connecting:[]},Ct=class extends L{static tag=`alphaess-live-banner`;static option=null;static beside=!1;static has(){return!0}reads=[`state`,`trouble`,`measuredAt`,`format`];render(){let{view:e}=this;if(e===void 0)return D;let{state:t,format:n}=e,r=wt(e);return w`
      <section class=${t} data-state=${t}>
        <div class="words" role="status" aria-atomic="false">
          <button class="state" @click=${()=>this.act({do:`look`,at:`modbus`})}>
            <span class="lamp" aria-hidden="true"></span>${n.words[t]}
          </button>
          <alphaess-live-tick class="age" aria-live="off" .say=${Tt(e)}></alphaess-live-tick>
          ${r===null?D:w`<p>${r}</p>`}
        </div>
        <div class="offers">
          ${St[t].map(e=>this.#e(e,n.words[e.label]))}
        </div>
      </section>
    `}updated(e){let t=e.get(`view`);this.view?.moving!==!0||t?.measuredAt===this.view.measuredAt||matchMedia(`(prefers-reduced-motion: reduce)`).matches||this.renderRoot.querySelector(`.lamp`)?.animate([{transform:`scale(1.45)`},{transform:`scale(1)`}],mt)}#e(e,t){return w`<button
      class="action ${e.worded?`worded`:``}"
      data-does=${e.does}
      aria-label=${t}
      title=${e.worded?D:t}
      @click=${()=>this.act({do:e.does})}
    >
      ${R(e.icon)}${e.worded?t:D}
    </button>`}static styles=[U,o`
      section {
        --lamp: var(--alphaess-quiet);
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        column-gap: 12px;
        padding: 4px 4px 4px 8px;
        border-radius: var(--ha-card-border-radius, 12px);
      }
      .live,
      .paused {
        --lamp: var(--alphaess-good);
      }
      .disconnected {
        --lamp: var(--alphaess-bad);
      }
      .feed_lost {
        --lamp: var(--alphaess-uncertain);
      }
      section:not(.live, .connecting) {
        background: color-mix(in srgb, var(--lamp) 16%, transparent);
        padding-bottom: 12px;
      }
      .lamp {
        width: 0.8em;
        height: 0.8em;
        border-radius: 50%;
        background: var(--lamp);
      }
      .live .lamp {
        will-change: transform;
      }
      .paused .lamp {
        background: none;
        box-shadow: inset 0 0 0 3px var(--lamp);
      }
      .words {
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
        background: color-mix(in srgb, var(--lamp) 16%, transparent);
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
        color: var(--alphaess-quiet);
        overflow: hidden;
        white-space: nowrap;
      }
      p {
        grid-row: 3;
        padding-top: 2px;
      }
      .offers {
        grid-row: 1;
        grid-column: 3;
        display: flex;
        min-height: 40px;
      }
    `]};function wt({state:e,trouble:t,format:n}){let{words:r}=n;switch(e){case`disconnected`:return t.kind===null?r.unknown_cause:r[t.kind];case`feed_lost`:return r.feed_lost_cause;case`connecting`:return r.connecting_cause;default:return null}}function Tt({state:e,measuredAt:t,format:n}){if(t===null)return()=>``;let r=e=>n.age((e-t)/1e3);return e===`live`?r:e=>`${n.asOf(t,e)} · ${r(e)}`}var Et={comma_decimal:[`en-US`,`en`],decimal_comma:[`de`,`es`,`it`],space_comma:[`fr`,`sv`,`cs`],quote_decimal:[`de-CH`]},W=60,G=3600,Dt=24*G,Ot=class{words;#e;#t;#n;#r;#i;constructor(e,t,n){this.words=t;let r=kt(e),i=e.number_format!==`none`,a=e=>new Intl.NumberFormat(r,{useGrouping:i,...e});this.#e=[0,1,2].map(e=>a({minimumFractionDigits:e,maximumFractionDigits:e})),this.#t=a({maximumFractionDigits:2}),this.#n=a({style:`percent`,maximumFractionDigits:0});let o=e.time_zone===`server`?{timeZone:n}:{};this.#r=At(e,o),this.#i=new Intl.DateTimeFormat(e.language,{day:`numeric`,month:`short`,...o})}power(e){if(e===null)return{value:`–`,unit:`W`};let t=Math.abs(e);return Math.round(t)<1e3?{value:this.#a(Math.round(t),0),unit:`W`}:{value:this.#a(t/1e3,t<9995?2:1),unit:`kW`}}setting(e){return e===null||Math.abs(e)<1e3?this.power(e):{value:this.#t.format(Math.abs(e)/1e3),unit:`kW`}}energy(e){return e===null?{value:`–`,unit:`kWh`}:{value:this.#a(e,+(Math.abs(e)<99.95)),unit:`kWh`}}percent(e){return e===null?`–`:this.#n.format(e/100)}clock(e,t){let n=this.#i.format(e),r=this.#r.format(e);return n===this.#i.format(t)?r:`${n}, ${r}`}asOf(e,t){return K(this.words.as_of,{time:this.clock(e,t)})}age(e){let{words:t}=this;return K(t.ago,{age:this.duration(Math.max(0,e))})}duration(e){let{second:t,minute:n,hour:r,day:i}=this.words,a=Math.floor(e);if(a<W)return`${a} ${t}`;if(a<G)return`${Math.floor(a/W)} ${n}`;let o=Math.floor(a%G/W);if(a>=Dt)return`${Math.floor(a/Dt)} ${i}`;let s=`${Math.floor(a/G)} ${r}`;return o===0?s:`${s} ${o} ${n}`}#a(e,t){return this.#e[t]?.format(e)??String(e)}};function K(e,t){return e.replace(/\{(\w+)\}/g,(e,n)=>t[n]??e)}function kt(e){if(e.number_format!==`system`)return e.number_format===`none`?`en-US`:Et[e.number_format]??e.language}function At(e,t){let n={12:{hour12:!0},24:{hourCycle:`h23`}},r=e.time_format===`system`?void 0:e.language;return new Intl.DateTimeFormat(r,{hour:`numeric`,minute:`2-digit`,...n[e.time_format],...t})}var jt=20,Mt=36e5,Nt=class extends L{static tag=`alphaess-live-battery`;static option=`show_battery`;static beside=!0;static has(e){return e.equipment.battery}reads=[`state`,`power`,`equipment`,`dispatch`,`format`];render(){let{view:e}=this;if(e===void 0)return D;let t=e.power?.soc??null,n=e.dispatch?.targetSoc??null;return w`
      <div class="panel">
        <button class="soc" @click=${()=>this.act({do:`look`,at:`battery_soc`})}>
          <span class="unseen">${e.format.words.battery}</span>${e.format.percent(t)}
        </button>
        <button class="power" @click=${()=>this.act({do:`look`,at:`battery_power`})}>
          <span>${Pt(e)}</span><span class="quiet">${Ft(e)}</span>
        </button>
        <div class="bar" aria-hidden="true">
          <div class="charge" style="transform:scaleX(${(t??0)/100})"></div>
          ${n===null?D:w`<div class="target" style="left:${n}%"></div>`}
        </div>
      </div>
    `}static styles=[U,o`
      :host {
        container-type: inline-size;
      }
      .panel {
        display: grid;
        grid-template-columns: auto 1fr;
        align-items: center;
        gap: 0.7em 0.6em;
      }
      /* In line with the energies of today, which then stand in three columns. */
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
      /* A line that broke in two would push everything below it. */
      .power span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .power .quiet {
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
    `]};function Pt({power:e,format:t}){let n=e?.battery??null,{value:r,unit:i}=t.power(n);return n===null?r:Math.abs(n)<jt?t.words.idle:`${n<0?t.words.charging:t.words.discharging} · ${r} ${i}`}function Ft({state:e,power:t,measuredAt:n,equipment:r,dispatch:i,format:a}){if(e!==`live`&&n!==null)return a.asOf(n,Date.now());let{soc:o=null,battery:s=null}=t??{};if(s===null)return``;if(o===100&&s<0)return a.words.full;let c=Qe(s,i),l=$e(c,o,s,r.capacity);return l===null||Date.now()+l*Mt>(i?.endsAt??1/0)?``:K(It(c,a),{soc:a.percent(c),time:a.duration(et(l))})}function It(e,{words:t}){return e===100?t.full_in:e===0?t.empty_in:t.goal_in}var Lt=class extends L{static tag=`alphaess-live-complaint`;static option=`show_faults`;static beside=!1;static has(){return!0}reads=[`complaint`,`format`];render(){let{view:e}=this;if(e===void 0)return D;let{complaint:t}=e;return this.toggleAttribute(`quiet`,t===null),w`<div role="status">
      ${t===null?D:w`<button class=${t.severity} @click=${()=>this.act({do:`look`,at:`faults`})}>
              ${R(`alert`)}
              <span class="what">
                <span>${t.text}</span>
                <span class="quiet">${Rt(e)}</span>
              </span>
              ${R(`more`)}
            </button>`}
    </div>`}static styles=[U,o`
      /* Nothing to tell takes no room, and no gap between its neighbours either. */
      :host([quiet]) {
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
        --colour: var(--alphaess-bad);
      }
      .warning {
        --colour: var(--alphaess-uncertain);
      }
      .what {
        flex: 1;
        display: flex;
        flex-direction: column;
        font-weight: 500;
      }
      .what .quiet {
        font-size: 0.93em;
        font-weight: 400;
      }
      .icon:first-child {
        color: var(--colour);
      }
      .icon:last-child {
        width: 1.1em;
        height: 1.1em;
        color: var(--alphaess-quiet);
      }
    `]};function Rt({complaint:e,format:t}){if(e===null)return``;let{words:n}=t,{severity:r,since:i,others:a}=e,o=[i===null?n[r]:K(n[`${r}_since`],{time:t.clock(i,Date.now())})];return a>0&&o.push(K(n.and_more,{count:String(a)})),o.join(`, `)}var zt=class extends L{static tag=`alphaess-live-debug`;static option=`show_debug`;static beside=!0;static has(){return!0}reads=[`debug`];render(){return this.view===void 0?D:w`<code>${this.view.debug}</code>`}static styles=[U,o`
      code {
        display: block;
        font-size: 12px;
        overflow-wrap: anywhere;
        color: var(--alphaess-quiet);
      }
    `]},Bt=class extends L{static tag=`alphaess-live-dispatch`;static option=`show_dispatch`;static beside=!0;static properties={...L.properties,asking:{state:!0}};static has(e){return e.dispatch!==null||e.stopFailure!==null}reads=[`dispatch`,`stopFailure`,`format`];constructor(){super(),this.asking=!1}render(){let{view:e}=this;if(e===void 0)return D;let{dispatch:t,stopFailure:n,format:r}=e;return w`
      <section>
        ${t===null?D:this.asking&&t.ours?this.#t(e):this.#e(e)}
        ${n===null?D:w`<p role="alert">
                ${K(r.words.stop_failed,{reason:r.words[n]})}
              </p>`}
      </section>
    `}#e(e){let{words:t}=e.format;return w`
      <div class="sign">${R(`bolt`)}</div>
      <button class="what" @click=${()=>this.act({do:`look`,at:`dispatch_status`})}>
        <span>${Vt(e)}</span>
        <alphaess-live-tick class="quiet" .say=${Ht(e)}></alphaess-live-tick>
      </button>
      ${e.dispatch?.ours===!0?w`<button class="action worded" @click=${()=>void this.#n(!0)}>${t.stop}</button>`:D}
    `}#t(e){let{words:t}=e.format;return w`
      <span class="question" role="alert">${t.stop_question}</span>
      <span class="answers">
        <button class="action worded" @click=${()=>void this.#n(!1)}>${t.keep}</button>
        <button class="action worded sure" @click=${()=>{this.#n(!1),this.act({do:`stop`})}}>${t.stop}</button>
      </span>
    `}async#n(e){this.asking=e,await this.updateComplete,this.renderRoot.querySelector(`.action`)?.focus()}static styles=[U,o`
      section {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px 12px;
        padding: 8px 8px 8px 12px;
        border-radius: 12px;
        background: color-mix(in srgb, var(--alphaess-battery) 14%, transparent);
      }
      .sign {
        display: flex;
        color: var(--alphaess-battery);
      }
      .what {
        flex: 1;
        min-width: 0;
        display: flex;
        flex-direction: column;
        text-align: start;
        font-weight: 500;
      }
      .what .quiet {
        font-size: 0.93em;
        font-weight: 400;
      }
      .question {
        flex: 1 1 180px;
      }
      .answers {
        display: flex;
        gap: 8px;
        margin-inline-start: auto;
      }
      .action.worded {
        padding: 0 16px;
      }
      .sure {
        box-shadow: inset 0 0 0 2px var(--alphaess-bad);
      }
      p {
        flex-basis: 100%;
        margin: 0;
      }
    `]};function Vt({dispatch:e,format:t}){let{words:n}=t;if(e===null||e.kind===`hold`)return n.dispatch_hold;if(e.kind===`other`)return n.dispatch_other;let{value:r,unit:i}=t.setting(e.power);return K(e.kind===`charge`?n.dispatch_charge:n.dispatch_discharge,{power:`${r} ${i}`,soc:t.percent(e.targetSoc)})}function Ht({dispatch:e,format:t}){if(e?.ours===!1)return()=>t.words.dispatch_foreign;let n=e?.endsAt??null;return n===null?()=>``:e=>K(t.words.left,{time:t.duration(Math.max(0,n-e)/1e3)})}var Ut=[[`solar`,`home`],[`solar`,`battery`],[`solar`,`grid`],[`battery`,`home`],[`battery`,`grid`],[`grid`,`home`],[`grid`,`battery`]];function Wt(e){let t=Kt(e),n=qt(e);return Ut.map(([e,r])=>{let i=Math.min(t[e],n[r]);return t[e]-=i,n[r]-=i,{from:e,to:r,watts:i}})}function Gt(e){let t=e.filter(e=>e.to===`home`),n=t.reduce((e,t)=>e+t.watts,0);return t.map(e=>({from:e.from,share:n>0?e.watts/n:0}))}function Kt(e){return{solar:q(e.pv),grid:q(e.grid),battery:q(e.battery),home:0}}function qt(e){return{solar:0,grid:Jt(e.grid),battery:Jt(e.battery),home:q(e.load)}}function q(e){return Math.max(0,e??0)}function Jt(e){return Math.max(0,-(e??0))}var Yt=o`
  :host {
    container-type: inline-size;
    width: 100%;
    max-width: 640px;
    margin-inline: auto;
  }
  .stage {
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
  .line.busy {
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
  :host([still]) .arrow {
    display: inline;
  }
  .disc {
    fill: var(--alphaess-surface);
    stroke: var(--alphaess-line);
    stroke-width: 4;
  }
  .disc.busy {
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
  :host(:not([still])) .dot {
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
  /* A number that grows must move nothing: its line hangs on the middle of the place and is only drawn centred, and the
     unit comes first, from right to left, so that digits are added where nothing follows them. */
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
    color: var(--alphaess-quiet);
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
`,J=20,Xt=5e3,Zt=56,Qt=class extends L{static tag=`alphaess-live-flow`;static option=`show_flow`;static beside=!1;static has(){return!0}reads=[`state`,`flows`,`power`,`moving`,`equipment`,`format`];#e=z.map(e=>({arc:e,stream:new ht(e)}));#t=null;#n=matchMedia(`(prefers-reduced-motion: reduce)`);connectedCallback(){super.connectedCallback(),this.#n.addEventListener(`change`,this.#r)}disconnectedCallback(){super.disconnectedCallback(),this.#n.removeEventListener(`change`,this.#r);for(let{stream:e}of this.#e)e.stop([])}render(){let{view:e}=this;if(e===void 0)return D;let{top:t,height:n}=lt(e.equipment),r=ct.filter(({place:t})=>$t(e,t)),i=z.filter(({ends:t})=>t.every(t=>$t(e,t)));return w`<div
      class="stage ${e.state}"
      style="aspect-ratio:${400}/${n}"
      role="group"
      aria-label=${e.format.words.power_flow}
    >
      <svg viewBox="0 ${t} ${400} ${n}" aria-hidden="true">
        ${i.map(t=>en(t,Y(t,e.flows)))} ${r.map(t=>nn(t,e))}
      </svg>
      ${z.map((t,n)=>tn(n,Y(t,e.flows)))} ${sn(e)}
      ${r.map(n=>this.#i(n,e,t))}
    </div>`}updated(){this.#r()}#r=()=>{let{view:e}=this,t=!e?.moving||this.#n.matches;this.toggleAttribute(`still`,t);let n=e?.power!==this.#t;this.#t=e?.power??null;for(let[r,{arc:i,stream:a}]of this.#e.entries()){let o=[...this.renderRoot.querySelectorAll(`[data-arc="${r}"]`)],s=e&&Y(i,e.flows);if(t||!s)a.stop(o);else{let t={forward:s.from===i.ends[0],top:lt(e.equipment).top};a.rest(o,t),n&&a.beat(o,t)}}};#i({place:e,at:t,quantity:n},r,i){let{value:a,unit:o}=r.format.power(X(r,e)),s=on(r,e);return w`<button
      class="node ${e} ${an(r,e)}"
      style="left:${H(t.x-58)};top:${H(t.y-i-58)}"
      aria-label="${[...new Set([r.format.words[e],s])].join(`, `)}: ${a} ${o}"
      @click=${()=>this.act({do:`look`,at:n})}
    >
      ${R(e)}<span class="value"><small>${o}</small><span>${a}</span></span>
      <span class="name">${s}</span>
    </button>`}static styles=[U,Yt]};function $t({equipment:e},t){return(t!==`solar`||e.solar)&&(t!==`battery`||e.battery)}function Y({ends:e},t){return t.find(({from:t,to:n,watts:r})=>r>=J&&t!==n&&e.includes(t)&&e.includes(n))}function en(e,t){let n=ut(e);if(t===void 0)return T`<path class="line" d=${n} />`;let r=3+Math.round(5*Math.min(1,t.watts/Xt)),i=t.from===e.ends[0],a=i?.74:.26,{x:o,y:s}=B(e,a),c=dt(e,a)+(i?0:180);return T`<path class="line busy ${t.from}" d=${n} style="stroke-width:${r}" />
    <path class="arrow ${t.from}" d="M-4 -6 3 0 -4 6" transform="translate(${o} ${s}) rotate(${c.toFixed(0)})" />`}function tn(e,t){return t===void 0?[]:Array.from({length:2},()=>w`<i class="dot ${t.from}" data-arc=${e}></i>`)}function nn(e,t){let{x:n,y:r}=e.at,i=(e,t,i)=>T`<circle class="ring ${e}" cx=${n} cy=${r} r=${Zt} pathLength="100"
      stroke-dasharray=${i>.995?D:`${(i*100).toFixed(1)} 100`} stroke-dashoffset=${(-t*100).toFixed(1)}
      transform="rotate(-90 ${n} ${r})" />`,a=Math.abs(X(t,e.place)??0)>=J?`busy`:``,o=0,s=rn(e.place,t).filter(({share:e})=>e>.005).map(({kind:e,share:t})=>(o+=t,i(e,o-t,t)));return T`<circle class="disc ${a} ${an(t,e.place)}" cx=${n} cy=${r} r=${Zt} />${s}`}function rn(e,t){let n=X(t,e)??0;switch(e){case`home`:return Gt(t.flows).map(({from:e,share:t})=>({kind:e,share:t}));case`battery`:return[{kind:`battery`,share:(t.power?.soc??0)/100}];case`solar`:return[{kind:`solar`,share:+(n>=J)}];case`grid`:return[{kind:an(t,e),share:+(Math.abs(n)>=J)}]}}function an(e,t){return t===`grid`&&(X(e,t)??0)<=-20?`export`:t}function X({power:e},t){return e===null?null:{solar:e.pv,grid:e.grid,battery:e.battery,home:e.load}[t]}function on(e,t){let{words:n}=e.format,r=X(e,t)??0;return t===`battery`?e.format.percent(e.power?.soc??null):t!==`grid`||Math.abs(r)<J?n[t]:r>0?n.grid_import:n.grid_export}function sn({state:e,measuredAt:t,format:n}){return e===`live`||t===null?D:w`<span class="as-of">${n.asOf(t,Date.now())}</span>`}var cn=[[{key:`pv`,label:`solar`,icon:`solar`,colour:`solar`,part:`solar`},{key:`load`,label:`home`,icon:`home`,colour:`home`}],[{key:`gridImport`,label:`imported`,icon:`into`,colour:`grid`},{key:`gridExport`,label:`exported`,icon:`out`,colour:`export`}],[{key:`batteryCharge`,label:`charged`,icon:`into`,colour:`battery`,part:`battery`},{key:`batteryDischarge`,label:`discharged`,icon:`out`,colour:`battery`,part:`battery`}]];function ln({equipment:e}){return cn.map(t=>t.filter(({part:t})=>t===void 0||e[t])).sort((e,t)=>t.length-e.length).flat()}var un=[Ct,Lt,Qt,Nt,Bt,class extends L{static tag=`alphaess-live-today`;static option=`show_today`;static beside=!0;static has(e){return e.today!==null}reads=[`today`,`equipment`,`format`];render(){let{view:e}=this;if(!e?.today)return D;let{today:t,format:n}=e,r=Je(t),i=ln(e).map(e=>({figure:e,...n.energy(t[e.key])}));return w`
      <h3>
        <span>${n.words.today} <span class="quiet" aria-hidden="true">${i[0]?.unit}</span></span>
        ${r===null?D:w`<span class="quiet"
                >${K(n.words.own_energy,{percent:n.percent(r)})}</span
              >`}
      </h3>
      <dl>
        ${i.map(({figure:e,value:t,unit:r})=>w`<div style="--colour:var(--alphaess-${e.colour})">
              <dt><span class="sign">${R(e.icon)}</span>${n.words[e.label]}</dt>
              <dd>${t}<span class="unseen"> ${r}</span></dd>
            </div>`)}
      </dl>
    `}static styles=[U,o`
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
      h3 .quiet {
        margin-inline-start: 0.2em;
        font-weight: 400;
      }
      h3 > .quiet {
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
      /* The unit stands once, above: a number that grows has nothing to push aside. */
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
        color: var(--alphaess-quiet);
      }
      dd {
        margin: 0;
        font-size: 1.2em;
        font-weight: 600;
      }
      .sign {
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
    `]},zt],dn=o`
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
  .parts,
  .beside {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  /* What is beside the power flow is measured in this: a wall is read from further away than a phone. */
  .parts {
    position: relative;
    font-size: 14px;
  }
  @container (min-width: 640px) {
    .parts {
      font-size: 15px;
    }
    .beside {
      gap: 28px;
    }
  }
  @container (min-width: 760px) {
    .parts {
      font-size: 17px;
    }
  }
  @container (min-width: 880px) {
    .parts {
      font-size: 20px;
    }
  }
  .beside {
    gap: 20px;
    padding: 4px 8px 8px;
  }
  .beside:empty {
    display: none;
  }
  .problem {
    margin: 8px;
    padding: 10px 12px;
    border-radius: 8px;
    font-size: 14px;
    line-height: 1.4;
    background: color-mix(in srgb, var(--alphaess-uncertain) 18%, transparent);
  }
`;function fn(e,t,n){if(t!==null){let r=e.find(({deviceId:e,serial:n})=>e===t||n===t);return r?{inverter:r}:{complaint:K(n.unknown_inverter,{device:t})}}let[r,...i]=e;if(r===void 0)return{complaint:n.no_inverter};if(i.length===0)return{inverter:r};let a=e.map(({name:e,serial:t})=>`${e} (${t})`).join(`, `);return{complaint:K(n.choose_inverter,{names:a})}}var pn=class{told=null;#e;#t;hear(e,t){return e===this.#e&&t===this.#t?!1:(this.#e=e,this.#t=t,this.told=mn(e,t),!0)}};function mn(e,t){let{active:n,fault_count:r,warning_count:i,everyday_count:a}=F(e?.attributes),o=Array.isArray(n)?n.map(F).find(({code:t})=>t===e?.state):void 0;if(e===void 0||o===void 0)return null;let{text:s,severity:c,since:l}=o,u=typeof l==`string`?Date.parse(l):NaN,d=I(a)??0,ee=(I(r)??0)+(I(i)??0)-d;return{text:t?.(e)??(typeof s==`string`?s:e.state),severity:c===`fault`?`fault`:`warning`,since:Number.isNaN(u)?null:u,others:Math.max(0,ee-1)}}var hn=3e3,gn=3e4,_n=.25;function vn(e,t){return Math.min(gn,hn*2**Math.max(0,e-1))*(1-_n*t)}var yn={kind:null,message:null},bn={link:`idle`,paused:!1,connected:null,trouble:yn,power:null,measuredAt:null,skew:null,seq:null};function xn(e,t){switch(t.type){case`link`:return wn(e,t.link);case`pause`:return{...e,paused:!0};case`resume`:return{...e,paused:!1};case`message`:return Tn(e,t.message,t.receivedAt)}}function Sn(e){return e.link===`lost`?`feed_lost`:e.connected===!1?`disconnected`:e.connected===null||e.link!==`open`?`connecting`:e.paused?`paused`:e.power===null?`connecting`:`live`}function Cn(e){return e.measuredAt===null?null:e.measuredAt+(e.skew??0)}function wn(e,t){return t===`connecting`&&e.link===`lost`?e:{...e,link:t,skew:t===`open`?null:e.skew}}function Tn(e,t,n){let r=n-t.timestamp,i=e.skew===null?r:Math.min(e.skew,r),a={...e,skew:i,seq:t.seq??e.seq};switch(t.type){case`power`:return a.paused&&a.power!==null?a:{...a,power:t.power,measuredAt:t.timestamp};case`connected`:return{...a,connected:!0,trouble:yn};case`disconnected`:return{...a,connected:!1,trouble:t.trouble};case`status`:return{...a,connected:t.connected,trouble:t.connected?yn:t.trouble}}}var En=1e4,Dn=2e4,On=5e3,kn=6e4,An=1e3,jn=class{serial;gate;picture=bn;failures=0;messages=0;#e=new Set;#t=null;#n=!1;#r=0;#i;#a;#o;#s;constructor(e,t){this.serial=e,this.gate=t}follow(e){return this.#e.add(e),clearTimeout(this.#s),this.#e.size===1&&this.#l(),()=>{!this.#e.delete(e)||this.#e.size>0||(this.#s=setTimeout(()=>this.#u(),An))}}pause(){this.#C({type:`pause`})}resume(){this.#C({type:`resume`}),this.#y({type:`request_power_data`})}refresh(){this.picture.link===`open`?this.#y({type:`refresh`}):this.wake()}wake(){this.failures=0,this.#c()}#c(){this.#e.size===0||this.#n||this.picture.link===`open`||this.#p()}#l(){document.addEventListener(`visibilitychange`,this.#d),window.addEventListener(`online`,this.#f),document.hidden||this.wake()}#u(){document.removeEventListener(`visibilitychange`,this.#d),window.removeEventListener(`online`,this.#f),clearTimeout(this.#o),this.#x()}#d=()=>{clearTimeout(this.#o),document.hidden?this.#o=setTimeout(()=>this.#x(),kn):this.#f()};#f=()=>{this.picture.link===`open`?this.#v():this.wake()};async#p(){this.#S();let e=this.#r;this.#n=!0,this.#i=setTimeout(()=>this.#b(),En),this.#C({type:`link`,link:`connecting`});try{let t=await this.gate.sign(this.#m());e===this.#r&&this.#h(new WebSocket(this.gate.socketUrl(t)))}catch{e===this.#r&&this.#b()}}#m(){let e=new URLSearchParams({serial:this.serial});return this.picture.seq!==null&&e.set(`since`,String(this.picture.seq)),`/ws/power-data?${e.toString()}`}#h(e){this.#t=e,e.onmessage=e=>this.#g(e.data),e.onclose=()=>this.#b()}#g(e){this.#_(),this.messages+=1;let t=ze(e);t!==null&&(this.picture.link!==`open`&&(this.#n=!1,this.failures=0,this.#C({type:`link`,link:`open`})),this.#C({type:`message`,message:t,receivedAt:Date.now()}))}#_(){clearTimeout(this.#i),this.#i=setTimeout(()=>this.#v(),Dn)}#v(){this.#y({type:`ping`}),clearTimeout(this.#i),this.#i=setTimeout(()=>this.#b(),On)}#y(e){this.#t?.readyState===WebSocket.OPEN&&this.#t.send(JSON.stringify(e))}#b(){this.#S(),this.failures+=1,this.#a=setTimeout(()=>this.#c(),vn(this.failures,Math.random())),this.#C({type:`link`,link:`lost`})}#x(){this.#S(),this.#C({type:`link`,link:`idle`})}#S(){this.#r+=1,this.#n=!1,clearTimeout(this.#i),clearTimeout(this.#a),this.#t!==null&&(this.#t.onmessage=null,this.#t.onclose=null,this.#t.close(),this.#t=null)}#C(e){this.picture=xn(this.picture,e);for(let e of this.#e)e()}},Mn=new Map;function Nn(e,t){let n=Mn.get(e)??new jn(e,t);return Mn.set(e,n),n}var Pn=`alphaess_live`;function Z(e){return Object.values(e.devices).flatMap(e=>{let t=e.identifiers.find(([e])=>e===Pn)?.[1];return t===void 0||e.via_device_id?[]:[{deviceId:e.id,serial:t,name:e.name_by_user??e.name??t}]}).sort((e,t)=>e.name.localeCompare(t.name))}var Fn=class{#e=null;#t=new Map;find(e,t,n){e.entities!==this.#e&&this.#t.clear(),this.#e=e.entities;let r=this.#t.get(t+n);if(r!==void 0)return r;let i=Object.values(e.entities).find(e=>e.device_id===t&&e.platform===`alphaess_live`&&e.translation_key===n);return this.#t.set(t+n,i?.entity_id??null),i?.entity_id??null}};function In(e,t){e.dispatchEvent(new CustomEvent(`hass-more-info`,{bubbles:!0,composed:!0,detail:{entityId:t}}))}function Ln(e){return{async sign(t){let{path:n}=F(await e.callWS({type:`auth/sign_path`,path:t,expires:30}));if(typeof n!=`string`)throw Error(`Home Assistant did not sign the path of the feed.`);return n},socketUrl:t=>e.hassUrl(t).replace(/^http/,`ws`)}}var Rn=o`
  :host {
    --alphaess-solar: var(--energy-solar-color, #ff9800);
    --alphaess-grid: var(--energy-grid-consumption-color, #488fc2);
    --alphaess-export: var(--energy-grid-return-color, #8353d1);
    --alphaess-battery: var(--energy-battery-out-color, #4db6ac);
    --alphaess-home: var(--primary-color, #009ac7);
    --alphaess-good: var(--success-color, #43a047);
    --alphaess-bad: var(--error-color, #db4437);
    --alphaess-uncertain: var(--warning-color, #ffa600);
    --alphaess-text: var(--primary-text-color, #141414);
    --alphaess-quiet: var(--secondary-text-color, #5e5e5e);
    --alphaess-line: var(--divider-color, #0000001f);
    --alphaess-surface: var(--ha-card-background, var(--card-background-color, #fff));
    --alphaess-soft: color-mix(in srgb, var(--alphaess-text) 6%, transparent);
    color: var(--alphaess-text);
  }
  /* Values that are not of now lose their colour, and with it their claim to be true. */
  :host([state="disconnected"]),
  :host([state="connecting"]) {
    --alphaess-solar: var(--alphaess-faded);
    --alphaess-grid: var(--alphaess-faded);
    --alphaess-export: var(--alphaess-faded);
    --alphaess-battery: var(--alphaess-faded);
    --alphaess-home: var(--alphaess-faded);
    --alphaess-faded: color-mix(in srgb, var(--alphaess-quiet) 60%, transparent);
    --alphaess-value: var(--alphaess-quiet);
  }
`,zn={live:`LIVE`,paused:`PAUSIERT`,disconnected:`GETRENNT`,feed_lost:`FEED VERLOREN`,connecting:`VERBINDE`,connecting_cause:`Warten auf die ersten Werte.`,feed_lost_cause:`Keine Verbindung zu Home Assistant. Neuer Versuch von selbst.`,refused:`Der Wechselrichter lehnt ab. Vielleicht belegt ein anderes Programm seinen einzigen Modbus-Platz.`,timeout:`Der Wechselrichter antwortet nicht. Vielleicht ist er aus oder vom Netzwerk getrennt.`,reset:`Der Wechselrichter hat die Verbindung geschlossen. Neuer Versuch von selbst.`,unreachable:`Der Wechselrichter ist im Netzwerk nicht erreichbar. Kabel, WLAN und Adresse prüfen.`,busy:`Der Wechselrichter ist beschäftigt. Neuer Versuch von selbst.`,protocol:`Der Wechselrichter antwortet unverständlich. Adresse und Geräte-ID prüfen.`,unknown_cause:`Der Wechselrichter antwortet nicht.`,pause:`Anhalten`,resume:`Fortsetzen`,retry:`Erneut`,refresh:`Aktualisieren`,stop:`Beenden`,keep:`Weiterlaufen`,ago:`vor {age}`,as_of:`Stand {time}`,second:`s`,minute:`min`,hour:`h`,day:`d`,solar:`Solar`,grid:`Netz`,grid_import:`Bezug`,grid_export:`Einspeisung`,battery:`Batterie`,home:`Haus`,power_flow:`Leistungsfluss`,charging:`Lädt`,discharging:`Entlädt`,idle:`Ruht`,full_in:`voll in etwa {time}`,empty_in:`leer in etwa {time}`,goal_in:`{soc} in etwa {time}`,full:`voll`,fault:`Störung`,warning:`Warnung`,fault_since:`Störung seit {time}`,warning_since:`Warnung seit {time}`,and_more:`und {count} weitere`,today:`Heute`,own_energy:`{percent} autark`,imported:`Bezogen`,exported:`Eingespeist`,charged:`Geladen`,discharged:`Entladen`,dispatch_charge:`Lädt mit {power} bis {soc}`,dispatch_discharge:`Entlädt mit {power} bis {soc}`,dispatch_hold:`Die Batterie hält`,dispatch_other:`Ein besonderer Modus läuft`,dispatch_foreign:`Von einem anderen Programm gestartet`,left:`noch {time}`,stop_question:`Jetzt beenden und den Wechselrichter wieder selbst entscheiden lassen?`,stop_failed:`Beenden ging nicht: {reason}`,stop_foreign:`Jetzt steuert ein anderes Programm die Batterie.`,stop_forbidden:`Die Berechtigung fehlt, oder die Steuerung ist ausgeschaltet.`,stop_not_applied:`Der Wechselrichter hat es nicht angenommen.`,stop_not_loaded:`Der Wechselrichter wird gerade eingerichtet, oder das schlug fehl.`,stop_gone:`Der Wechselrichter ist nicht mehr eingerichtet.`,stop_impossible:`Home Assistant konnte es nicht ausführen.`,no_answer:`Home Assistant hat nicht geantwortet.`,no_inverter:`Noch kein AlphaESS-Wechselrichter eingerichtet: Einstellungen → Geräte & Dienste → AlphaESS Live hinzufügen.`,unknown_inverter:`Den Wechselrichter „{device}“ gibt es nicht (mehr). Bitte in dieser Karte einen anderen wählen.`,choose_inverter:`Es gibt mehrere Wechselrichter. Bitte in dieser Karte einen wählen: {names}.`,not_boolean:`„{option}“ muss true oder false sein, nicht {value}. Es gilt die Voreinstellung.`,not_text:`„{option}“ muss ein Text sein, nicht {value}. Es wird übergangen.`,unknown_option:`Eine Option „{option}“ gibt es nicht. Es gibt: {value}.`,card_description:`Was das Haus tut, und ob das live ist: Leistungsfluss, Batterie, Heute, Steuerung`,status_description:`Ob der Wechselrichter verbunden ist, warum nicht, wie alt die Werte sind, und was ihm fehlt`,option_device:`Wechselrichter`,option_title:`Titel`,option_show_faults:`Störungen und Warnungen`,option_show_flow:`Leistungsfluss`,option_show_battery:`Batterie`,option_show_today:`Energie von heute`,option_show_dispatch:`Laufende Steuerung`,option_show_debug:`Zustand des Feeds, zur Fehlersuche`},Bn={live:`LIVE`,paused:`PAUSED`,disconnected:`DISCONNECTED`,feed_lost:`FEED LOST`,connecting:`CONNECTING`,connecting_cause:`Waiting for the first values.`,feed_lost_cause:`No connection to Home Assistant. Trying again by itself.`,refused:`The inverter refuses the connection. Another program may be using its only Modbus slot.`,timeout:`The inverter does not answer. It may be switched off or cut off from the network.`,reset:`The inverter closed the connection. It will be tried again by itself.`,unreachable:`The inverter cannot be reached over the network. Check its cable, its Wi-Fi and its address.`,busy:`The inverter is busy. It will be tried again by itself.`,protocol:`The inverter answers, but not in a way that makes sense. Check address and unit ID.`,unknown_cause:`The inverter does not answer.`,pause:`Pause`,resume:`Resume`,retry:`Retry`,refresh:`Refresh`,stop:`Stop`,keep:`Keep it`,ago:`{age} ago`,as_of:`as of {time}`,second:`s`,minute:`min`,hour:`h`,day:`d`,solar:`Solar`,grid:`Grid`,grid_import:`Import`,grid_export:`Export`,battery:`Battery`,home:`Home`,power_flow:`Power flow`,charging:`Charging`,discharging:`Discharging`,idle:`Idle`,full_in:`full in about {time}`,empty_in:`empty in about {time}`,goal_in:`{soc} in about {time}`,full:`full`,fault:`Fault`,warning:`Warning`,fault_since:`Fault since {time}`,warning_since:`Warning since {time}`,and_more:`and {count} more`,today:`Today`,own_energy:`{percent} self-sufficient`,imported:`Imported`,exported:`Exported`,charged:`Charged`,discharged:`Discharged`,dispatch_charge:`Charging at {power} to {soc}`,dispatch_discharge:`Discharging at {power} to {soc}`,dispatch_hold:`Holding the battery`,dispatch_other:`A special mode runs`,dispatch_foreign:`Started by another program`,left:`{time} left`,stop_question:`Stop now and let the inverter decide again?`,stop_failed:`It could not be stopped: {reason}`,stop_foreign:`Another program controls the battery now.`,stop_forbidden:`You may not control the inverter, or its controls are switched off.`,stop_not_applied:`The inverter did not accept it.`,stop_not_loaded:`The inverter is being set up, or that failed.`,stop_gone:`The inverter is no longer set up.`,stop_impossible:`Home Assistant could not do it.`,no_answer:`Home Assistant did not answer.`,no_inverter:`No AlphaESS inverter is set up yet. Add one under Settings → Devices & services → AlphaESS Live.`,unknown_inverter:`There is no inverter “{device}” (any more). Choose another one in this card’s settings.`,choose_inverter:`There are several inverters. Choose one in this card’s settings: {names}.`,not_boolean:`“{option}” must be true or false, not {value}. The default is used.`,not_text:`“{option}” must be a text, not {value}. It is ignored.`,unknown_option:`There is no option “{option}”. There are: {value}.`,card_description:`What the house does, and whether that is live: power flow, battery, today, dispatch`,status_description:`Whether the inverter is connected, why not, how old the values are, and what is wrong with it`,option_device:`Inverter`,option_title:`Title`,option_show_faults:`Faults and warnings`,option_show_flow:`Power flow`,option_show_battery:`Battery`,option_show_today:`Today’s energy`,option_show_dispatch:`Running dispatch`,option_show_debug:`State of the feed, for finding faults`},Vn={en:Bn,de:zn,nl:{live:`LIVE`,paused:`GEPAUZEERD`,disconnected:`VERBROKEN`,feed_lost:`FEED KWIJT`,connecting:`VERBINDEN`,connecting_cause:`Wachten op de eerste waarden.`,feed_lost_cause:`Geen verbinding met Home Assistant. Nieuwe poging gaat vanzelf.`,refused:`De omvormer weigert de verbinding. Misschien gebruikt een ander programma zijn enige Modbus-plek.`,timeout:`De omvormer antwoordt niet. Misschien staat hij uit of is hij van het netwerk los.`,reset:`De omvormer sloot de verbinding. Nieuwe poging gaat vanzelf.`,unreachable:`De omvormer is via het netwerk niet bereikbaar. Controleer kabel, wifi en adres.`,busy:`De omvormer is bezet. Nieuwe poging gaat vanzelf.`,protocol:`De omvormer antwoordt onbegrijpelijk. Controleer adres en apparaat-ID.`,unknown_cause:`De omvormer antwoordt niet.`,pause:`Pauzeren`,resume:`Hervatten`,retry:`Opnieuw`,refresh:`Vernieuwen`,stop:`Stoppen`,keep:`Laten lopen`,ago:`{age} geleden`,as_of:`stand {time}`,second:`s`,minute:`min`,hour:`u`,day:`d`,solar:`Zon`,grid:`Net`,grid_import:`Afname`,grid_export:`Levering`,battery:`Batterij`,home:`Huis`,power_flow:`Energiestroom`,charging:`Laadt`,discharging:`Ontlaadt`,idle:`In rust`,full_in:`vol over circa {time}`,empty_in:`leeg over circa {time}`,goal_in:`{soc} over circa {time}`,full:`vol`,fault:`Storing`,warning:`Waarschuwing`,fault_since:`Storing sinds {time}`,warning_since:`Waarschuwing sinds {time}`,and_more:`en nog {count}`,today:`Vandaag`,own_energy:`{percent} zelfvoorzienend`,imported:`Afgenomen`,exported:`Teruggeleverd`,charged:`Geladen`,discharged:`Ontladen`,dispatch_charge:`Laadt met {power} tot {soc}`,dispatch_discharge:`Ontlaadt met {power} tot {soc}`,dispatch_hold:`De batterij houdt vast`,dispatch_other:`Er loopt een bijzondere modus`,dispatch_foreign:`Door een ander programma gestart`,left:`nog {time}`,stop_question:`Nu stoppen en de omvormer weer zelf laten beslissen?`,stop_failed:`Stoppen lukte niet: {reason}`,stop_foreign:`Een ander programma stuurt nu de batterij aan.`,stop_forbidden:`De rechten ontbreken, of de aansturing is uitgeschakeld.`,stop_not_applied:`De omvormer heeft het niet aangenomen.`,stop_not_loaded:`De omvormer wordt ingesteld, of dat mislukte.`,stop_gone:`De omvormer is niet meer ingesteld.`,stop_impossible:`Home Assistant kon het niet uitvoeren.`,no_answer:`Home Assistant antwoordde niet.`,no_inverter:`Er is nog geen AlphaESS-omvormer ingesteld: Instellingen → Apparaten en diensten → AlphaESS Live toevoegen.`,unknown_inverter:`De omvormer “{device}” bestaat niet (meer). Kies een andere in de instellingen van deze kaart.`,choose_inverter:`Er zijn meerdere omvormers. Kies er een in de instellingen van deze kaart: {names}.`,not_boolean:`“{option}” moet true of false zijn, niet {value}. De standaard geldt.`,not_text:`“{option}” moet een tekst zijn, niet {value}. Het wordt overgeslagen.`,unknown_option:`Een optie “{option}” bestaat niet. Er zijn: {value}.`,card_description:`Wat het huis doet, en of dat live is: energiestroom, batterij, vandaag, aansturing`,status_description:`Of de omvormer verbonden is, waarom niet, hoe oud de waarden zijn, en wat er mis is`,option_device:`Omvormer`,option_title:`Titel`,option_show_faults:`Storingen en waarschuwingen`,option_show_flow:`Energiestroom`,option_show_battery:`Batterij`,option_show_today:`Energie van vandaag`,option_show_dispatch:`Lopende aansturing`,option_show_debug:`Toestand van de feed, om fouten te zoeken`}};function Q(e){return Vn[e]??Vn[e.split(`-`)[0]??``]??Bn}var Hn=class{host;visible=!0;#e=null;#t=null;#n=null;#r=!0;#i=!1;#a=new IntersectionObserver(e=>{this.#r=e.at(-1)?.isIntersecting??!0,this.#l()});constructor(e){this.host=e,e.addController(this)}hostConnected(){this.#i=!0,this.#a.observe(this.host),document.addEventListener(`visibilitychange`,this.#l),this.#o()}hostDisconnected(){this.#i=!1,this.#a.disconnect(),document.removeEventListener(`visibilitychange`,this.#l),this.#s()}follow(e){e!==this.#e&&(this.#s(),this.#e=e,this.#o())}#o(){this.#i&&this.#e!==null&&(this.#t=this.#e.follow(this.#c))}#s(){this.#n!==null&&cancelAnimationFrame(this.#n),this.#n=null,this.#t?.(),this.#t=null}#c=()=>{this.#r&&(this.#n??=requestAnimationFrame(()=>{this.#n=null,this.host.requestUpdate()}))};#l=()=>{let e=this.#r&&!document.hidden;e!==this.visible&&(this.visible=e,this.host.requestUpdate())}},Un=class extends N{checked=Fe({});inverter=null;feed=null;#e=null;#t=null;#n=null;#r={of:null,flows:Wt(Wn)};#i=null;#a=!0;#o=new pn;#s=new Fn;#c=new Hn(this);constructor(){super(),this.addEventListener(ot,({detail:e})=>this.act(e))}setConfig(e){this.checked=Fe(e),this.#d()}get hass(){return this.#e}set hass(e){let t=this.#e;if(this.#e=e,e===null)return;(t?.locale!==e.locale||t.language!==e.language)&&(this.#t=null),(this.#t===null||t?.devices!==e.devices)&&this.#d();let n=e.connected&&this.said(`modbus`)!==`unavailable`;n&&!this.#a&&this.feed?.wake(),this.#a=n,this.#f()&&this.requestUpdate()}said(e){return this.#m(e)?.state}get words(){return this.#t?.words??Q(`en`)}act(e){switch(e.do){case`pause`:this.feed?.pause();break;case`resume`:this.feed?.resume();break;case`refresh`:this.feed?.refresh();break;case`look`:this.#p(e.at)}}view(e){let t=this.feed?.picture??bn,n=Sn(t);return this.#f(),t.power!==this.#r.of&&(this.#r={of:t.power,flows:Wt(t.power??Wn)}),{state:n,trouble:t.trouble,power:t.power,flows:this.#r.flows,measuredAt:Cn(t),moving:n===`live`&&this.#c.visible,complaint:this.#o.told,equipment:We,today:null,dispatch:null,stopFailure:null,debug:this.feed===null?``:Kn(this.feed),format:e}}render(){let{language:e}=this.#e??{};if(this.#t===null||e===void 0)return D;if(this.#n!==null&&this.removeAttribute(`state`),this.#n!==null)return this.#l(w`<p class="problem">${this.#n}</p>`);let t=this.view(this.#t);this.setAttribute(`state`,t.state),this.#i??=this.elements.map(e=>({element:e,node:new e}));let{config:n}=this.checked,r=this.#i.filter(({element:{option:e,has:r}})=>(e===null||n[e])&&r(t));for(let{node:e}of r)e.view=t;let i=e=>r.filter(({element:t})=>t.beside===e).map(({node:e})=>e);return this.#l(w`<div class="parts">
        ${i(!1)}
        <div class="beside">${i(!0)}</div>
      </div>`)}#l(e){let{config:t,problems:n}=this.checked,r=t.title??this.#u();return w`<ha-card>
      ${r===null?D:w`<h2>${r}</h2>`}
      ${n.map(e=>w`<p class="problem" role="alert">${Gn(e,this.words)}</p>`)}
      ${e}
    </ha-card>`}#u(){return this.#e===null||this.inverter===null?null:Z(this.#e).length>1?this.inverter.name:null}#d(){let e=this.#e;if(e===null)return;this.#t??=new Ot(e.locale,Q(e.language),e.config.time_zone);let t=fn(Z(e),this.checked.config.device,this.#t.words);this.inverter=`inverter`in t?t.inverter:null,this.#n=`complaint`in t?t.complaint:null,this.feed=this.inverter===null?null:Nn(this.inverter.serial,Ln(e)),this.#c.follow(this.feed),this.requestUpdate()}#f(){return this.#o.hear(this.#m(`faults`),this.#e?.formatEntityState)}#p(e){let t=this.#h(e);t!==null&&In(this,t)}#m(e){let t=this.#h(e);return t===null?void 0:this.#e?.states[t]}#h(e){return this.#e===null||this.inverter===null?null:this.#s.find(this.#e,this.inverter.deviceId,e)}static styles=[Rn,dn]},Wn={soc:null,battery:null,pv:null,grid:null,load:null};function Gn({kind:e,option:t,value:n},r){return K(r[e],{option:t,value:n})}function Kn({picture:e,failures:t,messages:n,serial:r}){let{link:i,seq:a,connected:o,skew:s,trouble:c}=e,l=`${r} · socket ${i} · inverter ${String(o)} · seq ${a??`–`} · ${n} messages · ${t} failures · clock ${s??`–`} ms`;return c.message===null?l:`${l} · ${c.message}`}function qn(e){let t=Q(document.documentElement.lang),n={device:t.option_device,title:t.option_title,...Object.fromEntries(e.map(e=>[e,t[Xn(e)]]))};return{schema:[{name:`device`,selector:{device:{filter:[{integration:Pn}]}}},{name:`title`,selector:{text:{}}},...e.map(e=>({name:e,selector:{boolean:{}},default:Pe[e]}))],computeLabel:({name:e})=>n[e]}}function Jn(e){let[t,n]=Z(e);return t!==void 0&&n!==void 0?{device:t.deviceId}:{}}function Yn(e,t,n){let r=t.entities[n];if(r?.platform!==`alphaess_live`)return null;let i=Z(t).length>1&&r.device_id?{device:r.device_id}:{};return{config:{type:`custom:${e}`,...i}}}function Xn(e){return`option_${e}`}var Zn={live:`inverter`,paused:`inverter`,disconnected:`memory`,feed_lost:`nothing`,connecting:`nothing`},Qn=class extends Un{static tag=`alphaess-live-card`;static getConfigForm(){return qn(P)}static getStubConfig(e){return Jn(e)}elements=un;#e=new at(this,(e,t)=>this.#i(e,t));#t=null;#n;get hass(){return super.hass}set hass(e){super.hass=e;let t=this.said(`dispatch_status`);t!==this.#n&&(this.#n=t,this.#t=null,t!==`unavailable`&&this.#e.askDispatch())}getCardSize(){let{show_flow:e,show_battery:t,show_today:n,show_dispatch:r}=this.checked.config;return[1,e?6:0,t?2:0,n?2:0,+!!r].reduce((e,t)=>e+t,0)}getGridOptions(){return{columns:12,rows:`auto`,min_columns:6}}willUpdate(){this.#e.about(this.inverter?.serial??null)}view(e){let t=super.view(e);this.#e.reaches(Zn[t.state]);let{equipment:n,today:r,dispatch:i,reach:a}=this.#e;return{...t,equipment:n,today:r,dispatch:a===`inverter`?i:null,stopFailure:this.#t}}act(e){super.act(e),e.do===`stop`&&this.#r()}async#r(){this.#t=await this.#e.stop(),this.requestUpdate()}async#i(e,t){return this.hass?.callApi(e,t)}static styles=[...Un.styles,o`
      @container (min-width: 640px) {
        .parts:has(alphaess-live-flow) {
          grid-template-columns: minmax(0, 1.25fr) minmax(0, 1fr);
          column-gap: 32px;
          align-items: center;
        }
        alphaess-live-banner,
        alphaess-live-complaint {
          grid-column: 1 / -1;
        }
      }
    `]},$n=class extends HTMLElement{static tag=`alphaess-live-tick`;#e=()=>``;set say(e){this.#e=e,this.write()}connectedCallback(){tr(this)}disconnectedCallback(){nr(this)}write(){let e=this.#e(Date.now());e!==this.textContent&&(this.textContent=e)}},$=new Set,er;function tr(e){$.add(e),er??=setInterval(()=>{if(!document.hidden)for(let e of $)e.write()},1e3)}function nr(e){$.delete(e),$.size>0||(clearInterval(er),er=void 0)}var rr=class extends Un{static tag=`alphaess-live-status-card`;static getConfigForm(){return qn([`show_faults`,`show_debug`])}static getStubConfig(e){return Jn(e)}elements=[Ct,Lt,zt];getCardSize(){return 1}getGridOptions(){return{columns:12,rows:`auto`,min_columns:6}}},ir=`https://github.com/alphaess-live/alphaess-live#cards`,ar=[{card:Qn,name:`AlphaESS Live`,description:`card_description`},{card:rr,name:`AlphaESS Live status`,description:`status_description`}];function or(e,t){customElements.get(e)===void 0&&customElements.define(e,t)}function sr(e,t,n){let r=window.customCards??=[];r.some(t=>t.type===e)||r.push({type:e,name:t,get description(){return Q(document.documentElement.lang)[n]},preview:!0,documentationURL:ir,getEntitySuggestion:(t,n)=>Yn(e,t,n)})}or($n.tag,$n);for(let e of un)or(e.tag,e);for(let{card:e,name:t,description:n}of ar)or(e.tag,e),sr(e.tag,t,n);