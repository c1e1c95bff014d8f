// The view: the tree's nodes as VS Code draws them, and a bar while anything runs.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Overview } from "../overview.ts";
import { children, look, roots, type Node } from "./nodes.ts";

const VIEW = "tunesmith.targets";

/** `onShown`: the view is looked at for the first time. */
export function showTargets(overview: Overview, onShown: () => void): vscode.Disposable {
  const provider = new TargetsProvider(overview);
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: provider, showCollapseAll: true });
  const shown = view.onDidChangeVisibility(({ visible }) => visible && onShown());
  const badge = overview.onDidChange(() => {
    const count = overview.running.length;
    view.badge = count > 0 ? { value: count, tooltip: `${count} run${count > 1 ? "s" : ""}` } : undefined;
  });
  if (view.visible) onShown();
  return vscode.Disposable.from(view, shown, badge, provider);
}

class TargetsProvider implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #overview: Overview;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #listening: vscode.Disposable;

  constructor(overview: Overview) {
    this.#overview = overview;
    this.#listening = overview.onDidChange(() => this.#changed.fire());
  }

  getChildren(node?: Node): Node[] {
    return node === undefined ? roots(this.#overview.folders) : children(node);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    const shown = look(node, Date.now() / 1000);
    const item = new vscode.TreeItem(shown.label, STATES[shown.expands]);
    item.id = idOf(node);
    item.description = shown.description;
    item.tooltip = shown.tooltip;
    item.contextValue = shown.contextValue;
    item.iconPath = new vscode.ThemeIcon(shown.icon, shown.color ? new vscode.ThemeColor(shown.color) : undefined);
    if (shown.place && "root" in node) item.command = openAt(path.join(node.root, shown.place.file), shown.place.line);
    if (node.kind === "run") {
      item.command = { command: "tunesmith.showResults", title: "Show Results", arguments: [node] };
    }
    return item;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }
}

const STATES = {
  no: vscode.TreeItemCollapsibleState.None,
  collapsed: vscode.TreeItemCollapsibleState.Collapsed,
  expanded: vscode.TreeItemCollapsibleState.Expanded,
};

/** Stable, so that what is open stays open. */
function idOf(node: Node): string {
  switch (node.kind) {
    case "folder":
      return node.folder.root;
    case "target":
      // Its first child makes another node of it: VS Code opens a node as it is told to only when it first sees it.
      return `${node.root} target ${node.target.name} ${children(node).length > 0}`;
    case "program":
      return `${node.root} program ${node.target}`;
    case "unused":
      return `${node.root} unused`;
    case "module":
      return `${node.root} module ${node.module.file}:${node.module.name}`;
    case "predictor":
      return `${node.root} predictor ${node.of}:${node.predictor.name}`;
    case "run":
      return `${node.root} run ${node.run.run_id}`;
    case "earlier":
      return `${node.root} earlier ${node.runs[0]?.target}`;
  }
}

function openAt(file: string, line: number): vscode.Command {
  const position = new vscode.Position(line - 1, 0);
  const options: vscode.TextDocumentShowOptions = { selection: new vscode.Range(position, position) };
  return { command: "vscode.open", title: "Open", arguments: [vscode.Uri.file(file), options] };
}
