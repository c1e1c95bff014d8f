// What a person does in VS Code, and what they see. Waits are for things to appear, never for time to pass.

import * as path from "node:path";
import { after, before, type TestContext } from "node:test";
import { chromium, type Browser, type FrameLocator, type Locator, type Page } from "playwright-core";
import { ARTIFACTS, startCodeServer, type CodeServer } from "./codeServer.ts";

const CHROMIUM = "/usr/bin/chromium";
const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
/** The machine may be busy with other things. */
const PATIENCE = 60_000;

/** What the tests of a file share. */
interface VsCode {
  readonly server: CodeServer;
  /** `opened`: a folder, or a `.code-workspace`. `name`: of the screenshots. */
  open(opened: string, name: string): Promise<Workbench>;
}

/** A VS Code that is there for all tests of a file. `trust`: whether it asks for it. */
export function startForTests(options: { trust: boolean }): VsCode {
  let server: CodeServer | undefined;
  let browser: Browser | undefined;
  before(async () => {
    server = await startCodeServer(options);
    const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", ...QUIET];
    browser = await chromium.launch({ executablePath: CHROMIUM, args });
  });
  after(async () => {
    await browser?.close();
    server?.stop();
  });
  return {
    get server() {
      return server!;
    },
    open: (opened, name) => Workbench.open(browser!, server!.url, opened, name),
  };
}

export class Workbench {
  readonly page: Page;
  /** A step failed: what is on the screen is not what the next ones expect. */
  isLost = false;
  readonly #name: string;
  #shots = 0;

  private constructor(page: Page, name: string) {
    this.page = page;
    this.#name = name;
  }

  /** `opened`: a folder, or a `.code-workspace`. `name`: of the screenshots. */
  static async open(browser: Browser, url: string, opened: string, name: string): Promise<Workbench> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    const kind = opened.endsWith(".code-workspace") ? "workspace" : "folder";
    await page.goto(`${url}/?${kind}=${opened}`);
    await page.locator(".monaco-workbench .statusbar").waitFor();
    await page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
    return new Workbench(page, name);
  }

  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent("load");
    await this.command("Developer: Reload Window");
    await loaded;
    await this.page.locator(".monaco-workbench .statusbar").waitFor();
  }

  async screenshot(what: string): Promise<void> {
    this.#shots += 1;
    const number = String(this.#shots).padStart(2, "0");
    await this.page.screenshot({ path: path.join(ARTIFACTS, `${this.#name}-${number}-${what}.png`) });
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("Control+Shift+E");
    await this.page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
    await this.page.locator(".tab", { hasText: name }).waitFor();
    await this.page.locator(".editor-instance .view-line").first().waitFor();
  }

  async command(title: string): Promise<void> {
    await this.page.keyboard.press("F1");
    const input = this.page.locator(".quick-input-widget input[type=text]");
    await input.fill(`>${title}`);
    await this.row(title).first().click();
  }

  /** A row of the quick pick that is open. */
  row(text: string | RegExp): Locator {
    return this.page.locator(".quick-input-list .monaco-list-row", { hasText: text });
  }

  /** The quick pick that asks this. */
  question(placeholder: string): Locator {
    return this.page.locator(`.quick-input-widget input[placeholder="${placeholder}"]`);
  }

  /** Take the answer that is preselected, once its question is shown. */
  async accept(placeholder: string): Promise<void> {
    await this.question(placeholder).waitFor();
    await this.page.locator(".quick-input-list .monaco-list-row").first().waitFor();
    await this.page.keyboard.press("Enter");
  }

  lens(text: string | RegExp): Locator {
    return this.page.locator(".codelens-decoration a", { hasText: text });
  }

  /** What the editor writes between the code's own words. */
  hint(text: string | RegExp): Locator {
    return this.page.locator(".editor-instance .view-line span", { hasText: text });
  }

  /** What is offered at the cursor and not yet part of the text. */
  ghostText(): Locator {
    return this.page.locator(".ghost-text-decoration, .ghost-text-decoration-preview, .ghost-text .view-line");
  }

  /** The page in the panel that is in front: a frame of VS Code's own, and ours in it. */
  results(): FrameLocator {
    return this.page.frameLocator("iframe.webview.ready").frameLocator("iframe#active-frame");
  }

  async closeTab(name: string): Promise<void> {
    const tab = this.page.locator(".tab", { hasText: name });
    await tab.click();
    await this.command("View: Close Editor");
    await tab.waitFor({ state: "detached" });
  }

  dialog(): Locator {
    return this.page.locator(".monaco-dialog-box");
  }

  async press(button: string, within: Locator = this.dialog()): Promise<void> {
    await within.locator(".monaco-button", { hasText: button }).click();
  }

  toast(text: string | RegExp): Locator {
    return this.page.locator(".notification-toast", { hasText: text });
  }

  status(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item", { hasText: text });
  }

  async showTargets(): Promise<void> {
    const icon = this.page.locator(".activitybar .action-item", {
      has: this.page.locator("a[aria-label^='Tunesmith']"),
    });
    if (!(await icon.getAttribute("class"))?.includes("checked")) await icon.click();
    await this.tree().first().waitFor();
  }

  tree(text: string | RegExp = ""): Locator {
    return this.page.locator("[id='workbench.view.extension.tunesmith'] .monaco-list-row", { hasText: text });
  }

  async clearNotifications(): Promise<void> {
    await this.command("Notifications: Clear All Notifications");
    await this.page.locator(".notification-toast").first().waitFor({ state: "detached" });
  }

  /** Put the cursor on the line of the open file that reads so. */
  async goTo(line: string): Promise<void> {
    await this.page.keyboard.press("Control+1");
    await this.page.keyboard.press("Control+End");
    await this.page
      .locator(".editor-instance .view-line", { hasText: nonBreaking(line) })
      .last()
      .click();
  }

  /** A row of the problems panel. */
  problems(text: string): Locator {
    return this.page.locator(".markers-panel .monaco-list-row", { hasText: text });
  }

  async showProblems(): Promise<void> {
    await this.command("View: Focus Problems");
    await this.page.locator(".markers-panel").waitFor();
  }

  async quickFix(title: string): Promise<void> {
    await this.page.keyboard.press("Control+.");
    await this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first().click();
  }

  /** The diff of an edit that waits to be applied. */
  preview(): Locator {
    return this.page.locator(".multiDiffEditor, .multi-diff-editor").first();
  }

  async undo(): Promise<void> {
    await this.page.keyboard.press("Control+1");
    await this.page.keyboard.press("Control+z");
  }

  /** Wait until the open file has this line, or has it no more. */
  async waitForText(line: string, there = true): Promise<void> {
    const found = this.page.locator(".editor-instance .view-line", { hasText: nonBreaking(line) });
    await found.first().waitFor({ state: there ? "visible" : "detached" });
  }

  /** The daemon's process, as Show Status tells it; `other`: not this one. */
  async daemonPid(other?: number): Promise<number> {
    for (;;) {
      await this.command("Tunesmith: Show Status");
      const row = this.row(/Daemon \d+/);
      const shown = await row
        .first()
        .innerText({ timeout: 10_000 })
        .catch(() => "");
      await this.page.keyboard.press("Escape");
      const pid = Number(/Daemon (\d+)/.exec(shown)?.[1] ?? Number.NaN);
      if (pid > 0 && pid !== other) return pid;
    }
  }

  async close(): Promise<void> {
    await this.page.close();
  }
}

/** A part of a test, left out where one before it failed. What was on the screen then is kept. */
export async function step(t: TestContext, bench: Workbench, name: string, act: () => Promise<void>): Promise<void> {
  await t.test(name, { skip: bench.isLost }, async () => {
    try {
      await act();
    } catch (error) {
      bench.isLost = true;
      await bench.screenshot("failed");
      throw error;
    }
  });
}

/** As Monaco draws it. */
function nonBreaking(line: string): RegExp {
  return new RegExp(line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll(" ", "[ \u00a0]"));
}
