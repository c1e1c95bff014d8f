"""Instructions: what is known before one is written, proposals, and what an instruction asks for."""

from tunesmith.optim.instructions.analysis import Analysis, describe_analysis, feature_context
from tunesmith.optim.instructions.data_patterns import DataPatterns, find_patterns
from tunesmith.optim.instructions.error_digest import ErrorDigest, digest_errors
from tunesmith.optim.instructions.features import FEATURES, FeatureContext, extract_features
from tunesmith.optim.instructions.program_outline import ProgramOutline, outline_program
from tunesmith.optim.instructions.proposal import Proposal, ScoredInstruction
from tunesmith.optim.instructions.proposer import ALL_VIEWS, Proposer

__all__ = [
    "ALL_VIEWS",
    "FEATURES",
    "Analysis",
    "DataPatterns",
    "ErrorDigest",
    "FeatureContext",
    "ProgramOutline",
    "Proposal",
    "Proposer",
    "ScoredInstruction",
    "describe_analysis",
    "digest_errors",
    "extract_features",
    "feature_context",
    "find_patterns",
    "outline_program",
]
