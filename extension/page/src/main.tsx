// Starts the page in the host it finds itself in.
import { render } from "preact";
import { browserHost } from "./browserHost.ts";
import type { Host } from "./host.ts";
import { readRoute } from "./model/route.ts";
import { readTheme } from "./model/theme.ts";
import { App } from "./views/app.tsx";
import { Failure } from "./views/failure.tsx";
import { type WebviewApi, webviewHost } from "./webviewHost.ts";

declare const acquireVsCodeApi: (() => WebviewApi) | undefined;

async function findHost({ root = "" }: DOMStringMap): Promise<Host> {
  if (typeof acquireVsCodeApi === "function") return webviewHost(acquireVsCodeApi(), root);
  document.documentElement.dataset.theme = readTheme();
  return browserHost();
}

const place = document.getElementById("page") as HTMLElement;
try {
  const { route } = place.dataset;
  render(<App host={await findHost(place.dataset)} start={route === undefined ? null : readRoute(route)} />, place);
} catch (error) {
  render(<Failure message={error instanceof Error ? error.message : String(error)} />, place);
}
