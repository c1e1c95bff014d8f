// The same page in a webview: its questions are messages, its colours the editor's.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { webviewHtml } from "../../extension/page/embed/html.ts";
import { pageListener } from "../../extension/page/embed/listener.ts";
import { type ResultsServer, startResultsServer } from "../../extension/page/embed/resultsServer.ts";
import type { Remembered } from "../../extension/page/src/host.ts";
import { ARTIFACTS, environment, leaveRuns, openBrowser, openPage, remove, TUNESMITH, UI } from "./served.ts";

const SEARCH = "20260921-140300-srch";
const BOOTSTRAP = "20260920-091200-boot";
const ADDRESS = "http://webview.test/";
/** What an editor gives every webview: its class, its colours, and the way to it. */
const EDITOR = `
  document.addEventListener("DOMContentLoaded", () => {
    document.body.className = "vscode-dark";
    const colors = { "editor-background": "#1f1f1f", "editor-foreground": "#cccccc", descriptionForeground: "#b0b0b0",
      "panel-border": "#3c3c3c", "textLink-foreground": "#4daafc", "editorWidget-background": "#2a2a2a",
      "font-family": "sans-serif", "editor-font-family": "monospace" };
    for (const [name, value] of Object.entries(colors)) document.documentElement.style.setProperty("--vscode-" + name, value);
    // A webview takes clicks on links for itself.
    document.addEventListener("click", (event) => event.target.closest("a") && event.preventDefault());
  });
  window.acquireVsCodeApi = () => ({
    postMessage: (message) => window.heard(message),
    setState: (state) => (window.remembered = state),
  });
`;

let browser: Browser;
let root: string;
let server: ResultsServer;

before(async () => {
  root = leaveRuns();
  server = await startResultsServer([TUNESMITH], root, environment(root));
  browser = await openBrowser();
});

after(async () => {
  await browser?.close();
  server?.stop();
  remove(root);
});

test("the page asks through the editor, follows it, and hands it files", async () => {
  const { page, complaints } = await openPage(browser);
  const saved: { name: string; text: string }[] = [];
  const send = (message: unknown) => page.evaluate((data) => window.postMessage(data, "*"), message);
  const save = (name: string, content: Uint8Array) => saved.push({ name, text: Buffer.from(content).toString() });
  const html = webviewHtml({
    script: "page.js",
    style: "page.css",
    source: ADDRESS,
    nonce: "once",
    route: { view: "run", run: BOOTSTRAP },
    root,
  });
  await page.route(`${ADDRESS}**`, (route) => {
    const name = new URL(route.request().url()).pathname.slice(1);
    if (name === "") return route.fulfill({ body: html, contentType: "text/html" });
    return route.fulfill({
      body: readFileSync(join(UI, name)),
      contentType: name.endsWith("css") ? "text/css" : "text/javascript",
    });
  });
  await page.exposeFunction("heard", pageListener(send, server.ask, save));
  await page.addInitScript(EDITOR);

  await page.goto(ADDRESS);
  await page.locator("#demos .card").first().waitFor();
  assert.equal(await page.locator(".theme").count(), 0);
  const remembered = () => page.evaluate(() => (window as unknown as { remembered: Remembered }).remembered);
  assert.deepEqual(await remembered(), { root, route: `#run=${BOOTSTRAP}` });
  await page.getByRole("link", { name: "All runs" }).click();
  await page.locator(".run").first().waitFor();
  await send({ kind: "open", run: SEARCH });
  await page.locator("#search .chart svg").first().waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(31, 31, 31)");
  await page.screenshot({ path: join(ARTIFACTS, "webview.png"), caret: "initial" });

  await page.getByRole("button", { name: "Save Score against calls as CSV" }).click();
  await page.getByRole("button", { name: "Save report" }).click();
  await send({ kind: "compare", runs: [BOOTSTRAP, SEARCH] });
  await page.locator(".change .side").first().waitFor();
  assert.equal((await remembered()).route, `#compare=${BOOTSTRAP}%2C${SEARCH}`);
  assert.deepEqual(
    saved.map((one) => one.name),
    ["score-against-calls.csv", `${SEARCH}.html`],
  );
  assert.match(saved[0]?.text ?? "", /^candidate,name,score/);
  assert.match(saved[1]?.text ?? "", /<style>.*--ground/s);

  await send({ kind: "open", run: "no-such-run" });
  await page.getByText("There is no run no-such-run").waitFor();
  server.stop();
  await page.getByText("The page's server has ended.").waitFor();
  assert.deepEqual(complaints, []);
});

test("a server that cannot start says why", async () => {
  await assert.rejects(
    startResultsServer([TUNESMITH], join(root, "nowhere"), environment(root)),
    /there is no such folder/,
  );
  await assert.rejects(startResultsServer([join(root, "no-command")], root, environment(root)), /ENOENT/);
});
