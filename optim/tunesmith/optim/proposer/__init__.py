"""Instructions: what is known before one is written, proposals, and what an instruction asks for."""

from tunesmith.optim.proposer.analysis import Analysis, describe_analysis, feature_context
from tunesmith.optim.proposer.data_patterns import DataPatterns, find_patterns
from tunesmith.optim.proposer.error_digest import ErrorDigest, digest_errors
from tunesmith.optim.proposer.features import FEATURES, FeatureContext, extract_features
from tunesmith.optim.proposer.instruction_writer import ALL_VIEWS, InstructionWriter, WritingSettings
from tunesmith.optim.proposer.program_outline import ProgramOutline, outline_program
from tunesmith.optim.proposer.prompt_model import can_write
from tunesmith.optim.proposer.proposal import Proposal, ScoredInstruction

__all__ = [
    "ALL_VIEWS",
    "FEATURES",
    "Analysis",
    "DataPatterns",
    "ErrorDigest",
    "FeatureContext",
    "InstructionWriter",
    "ProgramOutline",
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
