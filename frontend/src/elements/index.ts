// The elements of the card, in the order in which they stand. A new one is a file beside this and a line below.
import { Banner } from "./banner";
import { Battery } from "./battery";
import { ComplaintElement } from "./complaint";
import { Debug } from "./debug";
import { DispatchElement } from "./dispatch";
import type { ElementClass } from "./element";
import { FlowElement } from "./flow";
import { Today } from "./today";

export const ELEMENTS: readonly ElementClass[] = [
  Banner,
  ComplaintElement,
  FlowElement,
  Battery,
  DispatchElement,
  Today,
  Debug,
];
