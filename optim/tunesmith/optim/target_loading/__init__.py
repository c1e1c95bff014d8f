"""From a target to the program, metric and data it names: importing, capturing, reading."""

from tunesmith.optim.target_loading.compile_site import file_and_line, is_user_file
from tunesmith.optim.target_loading.language_models import LanguageModels, choose_language_models
from tunesmith.optim.target_loading.resolve import Resolved, resolve_target

__all__ = [
    "LanguageModels",
    "Resolved",
    "choose_language_models",
    "file_and_line",
    "is_user_file",
    "resolve_target",
]
