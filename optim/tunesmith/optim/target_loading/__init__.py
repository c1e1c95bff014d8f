"""From a target to the program, metric and data it names: importing, capturing, reading."""

from tunesmith.optim.target_loading.compile_site import is_user_file, place
from tunesmith.optim.target_loading.language_models import LanguageModels, choose_language_models
from tunesmith.optim.target_loading.resolve import Resolved, resolve_target

__all__ = [
    "LanguageModels",
    "Resolved",
    "choose_language_models",
    "is_user_file",
    "place",
    "resolve_target",
]
