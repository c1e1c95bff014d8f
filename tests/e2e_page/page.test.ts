// The results page in a real browser: what it shows, that it stays whole, and that everyone can use it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import {
  ARTIFACTS,
  axeSource,
  leaveRuns,
  openBrowser,
  openPage,
  remove,
  serve,
  type Served,
  startLiveRun,
} from "./served.ts";

const SEARCH = "20260921-140300-srch";
const BOOTSTRAP = "20260920-091200-boot";
const FINETUNE = "20260923-101500-tune";
const HOSTILE = "20260922-120000-host";
const LARGE = "20260924-080000-huge";

let browser: Browser;
let served: Served;
let context: BrowserContext;
let page: Page;
let complaints: string[];

before(async () => {
  served = await serve(leaveRuns());
  browser = await openBrowser();
  ({ page, context, complaints } = await openPage(browser));
  await page.goto(served.link);
  await page.locator(".run").first().waitFor();
});

after(async () => {
  await browser?.close();
  served?.stop();
  if (served) remove(served.root);
});

async function open(address: string, shows: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, address);
  await page.locator(shows).first().waitFor();
}

async function setTheme(theme: string): Promise<void> {
  await page.locator(".theme select").selectOption(theme);
}

async function picture(name: string): Promise<void> {
  await page.screenshot({ path: join(ARTIFACTS, `${name}.png`), fullPage: true, caret: "initial" });
}

async function findViolations(of: Page = page): Promise<string[]> {
  // The page's own policy lets nothing be added to it, so the checker comes through the debugger.
  await of.evaluate(axeSource);
  return of.evaluate(async () => {
    const axe = (
      window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
      }
    ).axe;
    const { violations } = await axe.run();
    return violations
      .filter((one) => one.impact === "serious" || one.impact === "critical")
      .map(
        (one) =>
          `${one.id}: ${one.nodes
            .slice(0, 3)
            .map((node) => node.html.slice(0, 160))
            .join(" | ")}`,
      );
  });
}

test("the link opens the list and leaves no token in the address", async () => {
  assert.equal(await page.locator(".run").count(), 6);
  assert.doesNotMatch(page.url(), /token/);
  await page.reload();
  await page.locator(".run").first().waitFor();
});

test("the link works once", async () => {
  const other = await openPage(browser);
  await other.page.goto(served.link);
  assert.match(await other.page.locator(".failure").innerText(), /used before/);
  await other.context.close();
});

test("a search: its score, its combinations, a candidate with its words and its traces", async () => {
  await open(`run=${SEARCH}`, "#search .chart");
  assert.match(await page.locator(".change").innerText(), /60 %\s*→\s*90 %/);
  for (const title of [
    "Score against calls",
    "Which candidates got calls, and when",
    "Belief over time",
    "Combinations tried",
    "What helps in an instruction",
  ]) {
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
  }
  await page.getByText("The numbers of Which candidates got calls, and when").click();
  await page
    .getByRole("cell", { name: /^first look \(4\), .*may beat the leader \(\d+\)/ })
    .first()
    .waitFor();
  await page.getByText("Batch by batch: who was measured, and why").click();
  await page
    .getByRole("cell", { name: /new instruction: i5d\d/ })
    .first()
    .waitFor();
  await page.getByText("What the search believes each one's score on all examples to be").waitFor();
  await page.getByRole("button", { name: "i5d3" }).first().click();
  const panel = page.getByRole("region", { name: "candidate i5d3" });
  await panel.locator("ins").first().waitFor();
  await panel.getByText("What it did, example by example").click();
  await panel.getByText("Example 0").waitFor();
  await panel.getByText("Model calls").first().click();
  await panel.getByText("local/smollm2-135m:").first().waitFor();
  await picture("search-light");
});

test("demos with why, tokens and the trace they come from", async () => {
  await open(`run=${BOOTSTRAP}`, "#demos .card");
  const demo = page.locator("#demos .card").first();
  assert.match(await demo.innerText(), /covers 41 % of the inputs.*/);
  await demo.getByText("The traces on this example").click();
  await demo.getByText("teacher 1").waitFor();
  await picture("bootstrap-light");
});

test("a finetuning: arms, losses, what was expected, when it pays", async () => {
  await open(`run=${FINETUNE}`, "#finetuning .chart");
  for (const title of [
    "Base, few-shot, tuned and teacher",
    "Loss",
    "Peak memory",
    "What was expected, and what came",
    "When the student pays",
  ]) {
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
  }
  await picture("finetune-light");
});

test("two runs compared, picked from the list", async () => {
  await open("", ".run");
  await page.getByLabel(`compare ${BOOTSTRAP}`).check();
  await page.getByLabel(`compare ${SEARCH}`).check();
  await page.getByRole("link", { name: "Compare the two" }).click();
  await page.locator(".change .side").first().waitFor();
  await page.locator("#instructions del").first().waitFor();
  await picture("compare-light");
});

test("hostile words are words, on the page and in the report", async () => {
  await open(`run=${HOSTILE}`, "#demos .card");
  await page.locator("#candidates .numbers summary").click();
  await page.locator("#search details summary").first().click();
  await page.getByText("The traces on this example").click();
  const found = await page.evaluate(() => ({
    injected: "injected" in window,
    foreign: document.querySelectorAll("main script, main img, main iframe, main b, main [onerror]").length,
    links: [...document.querySelectorAll("a")]
      .map((link) => link.getAttribute("href") ?? "")
      .filter((href) => !href.startsWith("#")),
    words: document.querySelector("#demos")?.textContent?.includes("<img src=x onerror=") ?? false,
    wide: document.documentElement.scrollWidth > window.innerWidth,
  }));
  assert.deepEqual(found, { injected: false, foreign: 0, links: [], words: true, wide: false });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save report" }).click(),
  ]);
  const report = join(ARTIFACTS, "hostile-report.html");
  await download.saveAs(report);
  const other = await openPage(browser);
  await other.page.goto(`file://${report}`);
  const saved = await other.page.evaluate(() => ({
    injected: "injected" in window,
    foreign: document.querySelectorAll("script, img, iframe, [onerror], button, select").length,
    charts: document.querySelectorAll("svg").length > 5,
  }));
  assert.deepEqual(saved, { injected: false, foreign: 0, charts: true });
  assert.deepEqual(other.complaints, []);
  await other.page.screenshot({ path: join(ARTIFACTS, "report.png"), fullPage: true });
  await other.context.close();
});

test("pictures and numbers are saved", async () => {
  await open(`run=${SEARCH}`, "#candidates .chart");
  const save = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name }).click()]);
    const path = join(ARTIFACTS, download.suggestedFilename());
    await download.saveAs(path);
    return readFileSync(path);
  };
  const png = await save("Save Score against calls as PNG");
  assert.deepEqual([...png.subarray(1, 4)], [...Buffer.from("PNG")]);
  assert.ok(png.length > 10_000, `${png.length} bytes`);
  const csv = (await save("Save Score against calls as CSV")).toString();
  assert.equal(csv.split("\r\n")[0], "candidate,name,score,low,high,examples,unparsed,first call,last call");
  assert.equal(csv.trimEnd().split("\r\n").length, 25);
});

test("ten thousand candidates are shown by what fits", async () => {
  await open(`run=${LARGE}`, "#search .chart");
  const drawn = await page.evaluate(() => ({
    svg: document.querySelectorAll("svg *").length,
    rows: Math.max(...[...document.querySelectorAll("tbody")].map((body) => body.childElementCount)),
  }));
  assert.ok(drawn.svg < 6000, `${drawn.svg} elements drawn`);
  assert.equal(drawn.rows, 50);
  await page.locator("#candidates .numbers summary").click();
  await page
    .getByRole("navigation", { name: "pages of Score against calls" })
    .getByRole("button", { name: "Next" })
    .click();
  await page.getByText("51–100 of 10,000").waitFor();
  await picture("large-light");
});

test("a run that goes is followed to its end", async () => {
  const run = startLiveRun(served.root, "20260926-120000-goes");
  try {
    await run.next();
    await open("run=20260926-120000-goes", ".progress");
    await page.getByText("searching 8 of 80").waitFor();
    run.process.stdin?.write("more\n");
    await run.next();
    await page.getByText("searching 16 of 80").waitFor();
    await picture("running-light");
    run.process.stdin?.end();
    await run.next();
    await page.locator(".status-finished").waitFor();
    assert.match(await page.locator(".change").innerText(), /38 %\s*→/);
  } finally {
    run.process.kill();
  }
});

test("keys alone reach and sort the numbers", async () => {
  await open(`run=${SEARCH}`, "#candidates .chart");
  await page.locator("#candidates .numbers summary").focus();
  await page.keyboard.press("Enter");
  const header = page.locator("#candidates th").nth(2);
  for (let presses = 0; presses < 10; presses++) {
    if (await header.getByRole("button").evaluate((button) => button === document.activeElement)) break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  assert.equal(await header.getAttribute("aria-sort"), "descending");
  await page.keyboard.press("Enter");
  assert.equal(await header.getAttribute("aria-sort"), "ascending");
  await page.getByRole("button", { name: "Errors", exact: true }).press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement?.id), "errors");
});

for (const theme of ["light", "dark", "contrast"]) {
  test(`nothing serious stands in anyone's way: ${theme}`, async () => {
    await setTheme(theme);
    for (const [address, shows] of [
      ["", ".run"],
      [`run=${SEARCH}`, "#search .chart svg"],
      [`run=${FINETUNE}`, "#finetuning .chart svg"],
      [`run=${BOOTSTRAP}`, "#demos .card"],
      [`compare=${BOOTSTRAP},${SEARCH}`, ".chart svg"],
    ] as const) {
      await open(address, shows);
      assert.deepEqual(await findViolations(), [], `${address || "list"} in ${theme}`);
      if (theme !== "light") await picture(`${address.replace(/\W/g, "-") || "list"}-${theme}`);
    }
    await setTheme("auto");
  });
}

test("a server that ended is said, not hidden", async () => {
  const other = await serve(served.root);
  const { page: tab, context: own } = await openPage(browser);
  await tab.goto(other.link);
  await tab.locator(".run").first().waitFor();
  other.stop();
  await tab.getByText("The page's server has ended.").waitFor();
  await own.close();
});

test("nothing was complained of, and no policy was broken", () => {
  // A used link is refused, which the browser logs by itself; that was in another tab.
  assert.deepEqual(complaints, []);
  assert.ok(context);
});
