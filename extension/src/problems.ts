// Why the language server cannot run or a run cannot start: one sentence each, and what the user can do about it.

/** What can be done about a problem; `mending.ts` has each one's button. */
export type Mend =
  "chooseInterpreter" | "install" | "manageTrust" | "openSettings" | "restart" | "showLog" | "stopDaemon";

export interface Problem {
  message: string;
  mends: Mend[];
  /** It is the user's own doing, and no news to them. */
  isKnown?: boolean;
}

export const OLDEST_PYTHON = "3.11";

export function noPython(): Problem {
  return {
    message: `No Python was found. Install Python ${OLDEST_PYTHON} or newer, or choose one.`,
    mends: ["chooseInterpreter"],
  };
}

/** `asked`: what a setting names. */
export function missingFile(setting: string, asked: string): Problem {
  return { message: `${setting} names ${asked}, which is no executable file.`, mends: ["openSettings"] };
}

export function notPython(path: string): Problem {
  return { message: `${path} could not be started as a Python interpreter.`, mends: ["chooseInterpreter"] };
}

export function tooOld(path: string, version: string): Problem {
  return {
    message: `${path} is Python ${version}; Tunesmith needs ${OLDEST_PYTHON} or newer.`,
    mends: ["chooseInterpreter"],
  };
}

/** `missing`: the packages it lacks, as they are installed. */
export function lacking(path: string, missing: readonly string[]): Problem {
  return {
    message: `${path} has no ${missing.join(" and no ")} installed.`,
    mends: ["install", "chooseInterpreter"],
  };
}

export function untrustedLaunch(): Problem {
  return {
    message:
      "The Python of this workspace is not started until you trust the workspace, and no tunesmith is installed outside it.",
    mends: ["manageTrust"],
  };
}

/** The server ended before it answered, or keeps ending. `reason`: the last it said. */
export function wouldNotStart(reason: string): Problem {
  const mismatch = reason.includes("tunesmith daemon stop");
  return {
    message: `The language server did not start: ${reason}`,
    mends: mismatch ? ["stopDaemon", "showLog"] : ["restart", "showLog"],
  };
}

export function otherProtocol(ours: number, theirs: number, version: string, python: string): Problem {
  const older = theirs < ours;
  const step = older ? "Update tunesmith there" : "Update this extension";
  return {
    message: `The tunesmith ${version} of ${python} speaks protocol ${theirs}, this extension ${ours}. ${step}, then restart the language server.`,
    mends: older ? ["install", "restart"] : ["restart"],
  };
}

export function stoppedByUser(): Problem {
  return {
    message: "The daemon was stopped. Its runs are kept and can be resumed.",
    mends: ["restart"],
    isKnown: true,
  };
}
