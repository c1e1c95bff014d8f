import type { ComponentChildren, JSX } from "preact";
import { useContext } from "preact/hooks";
import { NavigateContext } from "../model/hostContext.ts";
import { type Route, writeRoute } from "../model/route.ts";

export function Link({ to, kind, children }: { to: Route; kind?: string; children: ComponentChildren }): JSX.Element {
  const navigate = useContext(NavigateContext);
  const follow = (event: MouseEvent) => {
    // With a key held the browser opens a tab, whose session it copies.
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={writeRoute(to)} class={kind ?? ""} onClick={follow}>
      {children}
    </a>
  );
}
