// As much of the `vscode` module as the extension touches, and a script of what the user does.

type Listener<T> = (event: T) => unknown;

export class Disposable {
  readonly #act: () => unknown;
  constructor(act: () => unknown) {
    this.#act = act;
  }
  dispose(): void {
    this.#act();
  }
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<Listener<T>>();
  event = (listener: Listener<T>): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(event: T): void {
    for (const listener of this.#listeners) listener(event);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

export class Uri {
  readonly scheme = "file";
  readonly fsPath: string;
  private constructor(path: string) {
    this.fsPath = path;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri([base.fsPath, ...parts].join("/"));
  }
  toString(): string {
    return `file://${this.fsPath}`;
  }
}

export class Position {
  readonly line: number;
  readonly character: number;
  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(start: Position, end: Position) {
    this.start = start;
    this.end = end;
  }
}

export class RelativePattern {
  readonly base: string;
  readonly pattern: string;
  constructor(base: string, pattern: string) {
    this.base = base;
    this.pattern = pattern;
  }
}

export class ThemeIcon {
  readonly id: string;
  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeColor extends ThemeIcon {}

export class TreeItem {
  readonly label: string;
  readonly collapsibleState: number;
  constructor(label: string, collapsibleState: number) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 };
export const LanguageStatusSeverity = { Information: 0, Warning: 1, Error: 2 };
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 };
export const QuickPickItemKind = { Separator: -1, Default: 0 };
export const QuickInputButtons = { Back: "back" };
export const ViewColumn = { Active: -1 };
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };

/** A panel; `say` is what its page does. */
export class WebviewPanel {
  readonly title: string;
  readonly told: unknown[] = [];
  readonly #messages = new EventEmitter<unknown>();
  readonly #disposed = new EventEmitter<void>();
  readonly onDidDispose = this.#disposed.event;
  revealed = 0;
  isDisposed = false;
  iconPath: Uri | undefined;
  readonly webview = {
    html: "",
    options: {} as { enableScripts?: boolean; localResourceRoots?: Uri[] },
    cspSource: "https://webview.test",
    asWebviewUri: (uri: Uri) => `https://webview.test${uri.fsPath}`,
    onDidReceiveMessage: this.#messages.event,
    postMessage: async (message: unknown) => this.told.push(message) > 0,
  };
  constructor(title: string) {
    this.title = title;
  }
  say(message: unknown): void {
    this.#messages.fire(message);
  }
  reveal(): void {
    this.revealed += 1;
  }
  dispose(): void {
    this.isDisposed = true;
    this.#disposed.fire();
  }
}

/** What the user does next, and what they were shown. `reset` before each test. */
export const user = {
  /** Titles of buttons to press, in order; undefined: the message is dismissed. */
  presses: [] as (string | undefined)[],
  /** Labels of answers to pick, or "Back"; undefined: Escape. */
  picks: [] as (string | undefined)[],
  types: [] as (string | undefined)[],
  /** Paths to save to. */
  places: [] as (string | undefined)[],
  cancelsProgress: false,
  shown: [] as { kind: "error" | "information" | "warning"; message: string; detail?: string; buttons: string[] }[],
  questions: [] as { placeholder: string; labels: string[]; active: string | undefined }[],
  ran: [] as { command: string; args: unknown[] }[],
  panels: [] as WebviewPanel[],
  /** Text by path. */
  saved: {} as Record<string, string>,
};

export const state = {
  isTrusted: true,
  folders: [] as { name: string; uri: Uri }[],
  settings: {} as Record<string, string>,
  /** Text by path. */
  documents: {} as Record<string, string>,
  files: [] as string[],
  extensions: {} as Record<string, unknown>,
};

export function reset(): void {
  const told = { shown: [], questions: [], ran: [], panels: [], saved: {} };
  Object.assign(user, { presses: [], picks: [], types: [], places: [], cancelsProgress: false, ...told });
  Object.assign(state, { isTrusted: true, folders: [], settings: {}, documents: {}, files: [], extensions: {} });
}

type Message = { modal?: boolean; detail?: string } | string;

function show(kind: "error" | "information" | "warning") {
  return async (message: string, ...rest: Message[]): Promise<string | undefined> => {
    const [options] = rest.filter((one) => typeof one === "object");
    const buttons = rest.filter((one) => typeof one === "string");
    user.shown.push({ kind, message, buttons, ...(options?.detail ? { detail: options.detail } : {}) });
    if (buttons.length === 0) return undefined;
    const pressed = user.presses.shift();
    if (pressed !== undefined && !buttons.includes(pressed)) throw new Error(`no button ${pressed} on: ${message}`);
    return pressed;
  };
}

interface Item {
  label: string;
}

function picked<T extends Item>(items: readonly T[], placeholder: string, active?: T): T | undefined {
  const label = user.picks.shift();
  user.questions.push({ placeholder, labels: items.map((item) => item.label), active: active?.label });
  if (label === undefined) return undefined;
  const item = label === "" ? (active ?? items[0]) : items.find((one) => one.label === label);
  if (item === undefined) throw new Error(`no answer ${label} to: ${placeholder}`);
  return item;
}

function createQuickPick<T extends Item>() {
  const buttons = new EventEmitter<string>();
  const accepts = new EventEmitter<void>();
  const hides = new EventEmitter<void>();
  const pick = {
    items: [] as T[],
    activeItems: undefined as T[] | undefined,
    selectedItems: [] as T[],
    placeholder: "",
    onDidTriggerButton: buttons.event,
    onDidAccept: accepts.event,
    onDidHide: hides.event,
    show: () => {
      if (user.picks[0] === "Back") {
        user.picks.shift();
        buttons.fire("back");
        return;
      }
      const item = picked(pick.items, pick.placeholder, pick.activeItems?.[0]);
      if (item === undefined) return hides.fire();
      pick.selectedItems = [item];
      accepts.fire();
    },
    dispose: () => undefined,
  };
  return pick;
}

export const window = {
  showErrorMessage: show("error"),
  showInformationMessage: show("information"),
  showWarningMessage: show("warning"),
  showQuickPick: async <T extends Item>(items: T[], options: { placeHolder?: string } = {}) =>
    picked(items, options.placeHolder ?? ""),
  showInputBox: async () => user.types.shift(),
  showSaveDialog: async () => {
    const place = user.places.shift();
    return place === undefined ? undefined : Uri.file(place);
  },
  createWebviewPanel: (_: string, title: string) => {
    const panel = new WebviewPanel(title);
    user.panels.push(panel);
    return panel;
  },
  registerWebviewPanelSerializer: () => new Disposable(() => undefined),
  createQuickPick,
  withProgress: (_: object, work: (progress: object, token: object) => Promise<unknown>) => {
    const onCancellationRequested = (listener: () => void): Disposable => {
      if (user.cancelsProgress) listener();
      return new Disposable(() => undefined);
    };
    return work({ report: () => undefined }, { onCancellationRequested });
  },
};

export const commands = {
  executeCommand: async (command: string, ...args: unknown[]) => {
    user.ran.push({ command, args });
  },
};

export const extensions = {
  getExtension: (id: string) => state.extensions[id],
};

export const languages = {
  createLanguageStatusItem: () => ({ dispose: () => undefined }),
};

export const workspace = {
  get isTrusted(): boolean {
    return state.isTrusted;
  },
  get workspaceFolders() {
    return state.folders;
  },
  getConfiguration: () => ({ get: (key: string, otherwise: string) => state.settings[key] ?? otherwise }),
  fs: {
    writeFile: async (at: Uri, content: Uint8Array) => {
      if (at.fsPath.startsWith("/readonly/")) throw new Error("no permission");
      user.saved[at.fsPath] = Buffer.from(content).toString();
    },
  },
  findFiles: async () => state.files.map((file) => Uri.file(file)),
  openTextDocument: async (at: Uri | string) => {
    const path = typeof at === "string" ? at : at.fsPath;
    const text = state.documents[path];
    if (text === undefined) throw new Error(`no such file: ${path}`);
    const lines = text.split("\n");
    const end = new Position(lines.length - 1, lines.at(-1)?.length ?? 0);
    return {
      uri: Uri.file(path),
      version: 7,
      lineCount: lines.length,
      getText: () => text,
      lineAt: () => ({ range: { end } }),
      save: async () => true,
    };
  },
};
