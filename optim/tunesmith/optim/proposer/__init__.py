"""Instructions: what is known before one is written, proposals, and what an instruction asks for."""

from tunesmith.optim.proposer.analysis import Analysis, describe_analysis, feature_context
from tunesmith.optim.proposer.data_patterns import find_patterns
from tunesmith.optim.proposer.error_digest import ErrorDigest, digest_errors
from tunesmith.optim.proposer.features import FEATURES, extract_features
from tunesmith.optim.proposer.instruction_writer import InstructionWriter, WritingSettings
from tunesmith.optim.proposer.program_outline import outline_program
from tunesmith.optim.proposer.prompt_model import can_write
from tunesmith.optim.proposer.proposal import Proposal, ScoredInstruction

__all__ = [
    "FEATURES",
    "Analysis",
    "ErrorDigest",
    "InstructionWriter",
    "Proposal",
    "ScoredInstruction",
    "WritingSettings",
    "can_write",
    "describe_analysis",
    "digest_errors",
    "extract_features",
    "feature_context",
    "find_patterns",
    "outline_program",
]
