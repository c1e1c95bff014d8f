// The page's document in a webview.
import { type Route, writeRoute } from "../src/model/route.ts";

export interface WebviewParts {
  /** Addresses of the built `page.js` and `page.css`, as the webview may load them. */
  script: string;
  style: string;
  /** What the webview calls its own files in a policy: `webview.cspSource`. */
  source: string;
  /** Random, for this document alone. */
  nonce: string;
  /** What it opens with. */
  route: Route;
  /** Handed back in `Remembered`, when the editor restores its windows. */
  root: string;
}

/** Loads the page's two files and nothing else, from nowhere else. */
export function webviewHtml({ script, style, source, nonce, route, root }: WebviewParts): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; style-src ${source}; img-src blob: data:; font-src ${source}`;
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${quote(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Tunesmith</title>
    <link rel="stylesheet" href="${quote(style)}" />
  </head>
  <body>
    <div id="page" data-route="${quote(writeRoute(route))}" data-root="${quote(root)}"></div>
    <script type="module" nonce="${quote(nonce)}" src="${quote(script)}"></script>
  </body>
</html>
`;
}

function quote(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
