// The elements of a card in display order. A new element is a file in this folder and a line in this list.
import { BannerElement } from "./banner";
import { BatteryElement } from "./battery";
import { ControlElement } from "./control";
import { DebugElement } from "./debug";
import { DispatchElement } from "./dispatch";
import type { ElementClass } from "./element";
import { FaultElement } from "./fault";
import { FlowElement } from "./flow";
import { TodayElement } from "./today";

export const ELEMENTS: readonly ElementClass[] = [
  BannerElement,
  FaultElement,
  FlowElement,
  BatteryElement,
  DispatchElement,
  ControlElement,
  TodayElement,
  DebugElement,
];
