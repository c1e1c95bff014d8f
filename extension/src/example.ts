// A copy of the bundled example, in a folder the user picks.

import * as path from "node:path";
import * as vscode from "vscode";
import type { Launch } from "./launch.ts";
import { run } from "./process.ts";

const COPY = `
import sys
from pathlib import Path
from tunesmith.server.demo.workspace_copy import FolderInUse, copy_workspace
try:
    copy_workspace(Path(sys.argv[1]), 0)
except (FolderInUse, OSError) as error:
    sys.exit(str(error))
`;

export async function openExample(launch: Launch): Promise<void> {
  if (launch.python === undefined) {
    const [command] = launch.cli;
    void vscode.window.showInformationMessage(
      `\`${command} demo --workspace bike-desk\` copies the example and tunes it.`,
    );
    return;
  }
  const [parent] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: "Put bike-desk Here",
      title: "Where should the example go?",
    })) ?? [];
  if (parent === undefined) return;
  const folder = path.join(parent.fsPath, "bike-desk");
  const { code, stderr } = await run(launch.python, ["-P", "-c", COPY, folder]);
  if (code !== 0) {
    void vscode.window.showErrorMessage(`The example could not be copied: ${stderr.trim().split("\n").at(-1)}`);
    return;
  }
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder), { forceNewWindow: true });
}
