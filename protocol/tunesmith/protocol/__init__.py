"""What daemon, worker and clients share: messages, the method table, the run folder's format."""

from tunesmith.protocol.errors import ProtocolError, RunOwned, StoreClosed, StoreError, StoreUnwritable, VersionMismatch
from tunesmith.protocol.fingerprints import FieldPrint, PredictorPrint, ProgramFingerprint
from tunesmith.protocol.methods import METHODS, Method
from tunesmith.protocol.run_events import (
    CandidateScored,
    EventRecord,
    Printed,
    Progressed,
    RoundEnded,
    RunEvent,
    StatusChanged,
    Warned,
)
from tunesmith.protocol.run_records import (
    FINAL_STATUSES,
    Candidate,
    LmCall,
    Rollout,
    RunStatus,
    Step,
    Totals,
)
from tunesmith.protocol.run_report import ArtifactReport, DemoChoice, RunReport, RunSummary, UserError
from tunesmith.protocol.run_spec import Budget, OptimizerName, RunSpec
from tunesmith.protocol.scores import Gain, Score, Verdict
from tunesmith.protocol.targets import CompileTarget, ConfiguredTarget, Target
from tunesmith.protocol.wire import PROTOCOL_VERSION, Wire, decode, encode

__all__ = [
    "FINAL_STATUSES",
    "METHODS",
    "PROTOCOL_VERSION",
    "ArtifactReport",
    "Budget",
    "Candidate",
    "CandidateScored",
    "CompileTarget",
    "ConfiguredTarget",
    "DemoChoice",
    "EventRecord",
    "FieldPrint",
    "Gain",
    "LmCall",
    "Method",
    "OptimizerName",
    "PredictorPrint",
    "Printed",
    "ProgramFingerprint",
    "Progressed",
    "ProtocolError",
    "Rollout",
    "RoundEnded",
    "RunEvent",
    "RunOwned",
    "RunReport",
    "RunSpec",
    "RunStatus",
    "RunSummary",
    "Score",
    "StatusChanged",
    "Step",
    "StoreClosed",
    "StoreError",
    "StoreUnwritable",
    "Target",
    "Totals",
    "UserError",
    "Verdict",
    "VersionMismatch",
    "Warned",
    "Wire",
    "decode",
    "encode",
]
