import { createContext } from "preact";
import type { Host } from "../host.ts";

/** The host of the page, for whatever asks or saves. Set once, at the top. */
export const HostContext = createContext<Host>(null as unknown as Host);
