import { createContext } from "preact";
import type { Host } from "../host.ts";
import type { Route } from "./route.ts";

/** The host of the page, for whatever asks or saves. Set once, at the top. */
export const HostContext = createContext<Host>(null as unknown as Host);

/** Goes to another view. A webview takes clicks on links for itself, so no link may count on its address alone. */
export const NavigateContext = createContext<(route: Route) => void>(() => {});
