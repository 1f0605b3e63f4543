// Renders an element with a view of test data, reads its text, and clicks in it.
import "../src/main";
import type { ViewElement } from "../src/elements/element";
import { ACTION, type Action, type View } from "../src/view";
import { createView } from "./samples";

export async function render<Shown extends ViewElement>(
  element: Shown,
  parts: Partial<View> = {},
): Promise<Shown> {
  element.view = createView(parts);
  document.body.append(element);
  await element.updateComplete;
  return element;
}

export function textOf(element: ViewElement): string {
  const texts = [...element.renderRoot.querySelectorAll("*:not(style)")].filter(
    (each) => each.children.length === 0,
  );
  return texts
    .map((each) => each.textContent.trim())
    .filter(Boolean)
    .join(" | ");
}

export function click(element: ViewElement, selector: string): readonly Action[] {
  const actions: Action[] = [];
  element.addEventListener(ACTION, ({ detail }) => actions.push(detail));
  element.renderRoot.querySelector<HTMLElement>(selector)?.click();
  return actions;
}
