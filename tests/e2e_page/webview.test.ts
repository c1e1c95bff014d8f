// The same page in a webview: its questions are messages, its colours the editor's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { ARTIFACTS, leaveRuns, openBrowser, openPage, remove, serve, type Served, UI } from "./served.ts";

const RUN = "20260921-140300-srch";
const POLICY = "default-src 'none'; script-src 'self' 'nonce-seam'; style-src 'self' 'nonce-seam'; img-src blob: data:";
/** What an editor defines, and the other end of its messages. */
const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Results</title>
<style nonce="seam">:root { --vscode-editor-background: #1f1f1f; --vscode-editor-foreground: #cccccc;
  --vscode-descriptionForeground: #b0b0b0; --vscode-panel-border: #3c3c3c; --vscode-textLink-foreground: #4daafc;
  --vscode-editorWidget-background: #2a2a2a; --vscode-font-family: sans-serif; --vscode-editor-font-family: monospace; }</style>
<link rel="stylesheet" href="page.css">
<script nonce="seam">window.acquireVsCodeApi = () => ({ postMessage: (message) => window.heard(message) });</script>
<script type="module" src="page.js"></script></head><body class="vscode-dark"><div id="page"></div></body></html>`;

interface Heard {
  kind: "request" | "save";
  id: number;
  method: string;
  params: unknown;
  name: string;
  base64: string;
}

let browser: Browser;
let served: Served;

before(async () => {
  served = await serve(leaveRuns());
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  served?.stop();
  if (served) remove(served.root);
});

test("the page asks through the editor, follows it, and hands it files", async () => {
  const address = new URL(served.link);
  const post = async (path: string, body: unknown, session = "") => {
    const headers = { Authorization: `Bearer ${session}` };
    const response = await fetch(new URL(path, address), { method: "POST", headers, body: JSON.stringify(body) });
    return { ok: response.ok, answer: await response.json() };
  };
  const token = new URLSearchParams(address.hash.slice(1)).get("token");
  const { session } = (await post("/session", { token })).answer as { session: string };

  const { page, complaints } = await openPage(browser);
  const saved: Heard[] = [];
  await page.route("http://webview.test/**", (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ body: HTML, contentType: "text/html", headers: { "Content-Security-Policy": POLICY } });
    return route.fulfill({ body: readFileSync(join(UI, name)), contentType: name.endsWith("css") ? "text/css" : "text/javascript" });
  });
  const send = (message: unknown) => page.evaluate((data) => window.postMessage(data, "*"), message);
  await page.exposeFunction("heard", async (message: Heard) => {
    if (message.kind === "save") return void saved.push(message);
    const { ok, answer } = await post(`/${message.method}`, message.params, session);
    await send(ok ? { kind: "answer", id: message.id, result: answer } : { kind: "failure", id: message.id, message: answer.message });
  });

  await page.goto("http://webview.test/");
  await page.locator(".run").first().waitFor();
  assert.equal(await page.locator(".theme").count(), 0);
  await send({ kind: "open", run: RUN });
  await page.locator("#search .chart svg").first().waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(31, 31, 31)");
  await page.screenshot({ path: join(ARTIFACTS, "webview.png"), caret: "initial" });

  await page.getByRole("button", { name: "Save Score against calls as CSV" }).click();
  await page.waitForFunction(() => true);
  assert.deepEqual(saved.map((one) => one.name), ["score-against-calls.csv"]);
  assert.match(Buffer.from(saved[0]?.base64 ?? "", "base64").toString(), /^candidate,name,score/);

  await send({ kind: "open", run: "no-such-run" });
  await page.getByText("There is no run no-such-run").waitFor();
  assert.deepEqual(complaints, []);
});
