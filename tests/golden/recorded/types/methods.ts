  "results/calls": { params: AskCalls; result: CallList };

  "results/candidate": { params: AskCandidate; result: MaybeCandidate };

  "results/candidates": { params: RowsAfter; result: CandidateNames };

  "results/cells": { params: RowsAfter; result: ScoreCells };

  "results/costs": { params: AskRun; result: RunCosts };

  "results/errors": { params: AskErrors; result: RunErrors };

  "results/events": { params: EventsAfter; result: EventList };

  "results/list": { params: Empty; result: WorkspaceRuns };

  "results/rollouts": { params: FindRollouts; result: RolloutList };

  "results/run": { params: AskRun; result: RunPicture };

  "tunesmith/apply": { params: ApplyParams; result: ApplyResult };

  "tunesmith/cancelRun": { params: RunRef; result: Empty };

  "tunesmith/check": { params: PathParams; result: CheckReport };

  "tunesmith/index": { params: PathParams; result: IndexReport };

  "tunesmith/listRuns": { params: RootParams; result: RunList };

  "tunesmith/resumeRun": { params: RunRef; result: RunStarted };

  "tunesmith/runEvent": { params: RunEventParams; result: void };

  "tunesmith/showRun": { params: ShowRun; result: RunDetail };

  "tunesmith/startRun": { params: StartRun; result: RunStarted };

  "tunesmith/status": { params: Empty; result: DaemonStatus };

  "tunesmith/stop": { params: Empty; result: Empty };

  "tunesmith/targets": { params: RootParams; result: TargetList };

  "tunesmith/watchRun": { params: WatchRun; result: Empty };

  "worker/cancel": { params: CancelOrder; result: void };

  "worker/event": { params: RunEventNote; result: void };

  "worker/hello": { params: WorkerHello; result: WorkerReady };

  "worker/run": { params: RunOrder; result: RunOutcome };
