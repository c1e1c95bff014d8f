// The page's document in a webview.

export interface WebviewParts {
  /** Addresses of the built `page.js` and `page.css`, as the webview may load them. */
  script: string;
  style: string;
  /** What the webview calls its own files in a policy: `webview.cspSource`. */
  source: string;
  /** Random, for this document alone. */
  nonce: string;
  /** The run it opens with; all runs without one. */
  run?: string;
}

/** Loads the page's two files and nothing else, from nowhere else. */
export function webviewHtml({ script, style, source, nonce, run }: WebviewParts): string {
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
    <div id="page" data-run="${quote(run ?? "")}"></div>
    <script type="module" nonce="${quote(nonce)}" src="${quote(script)}"></script>
  </body>
</html>
`;
}

function quote(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
