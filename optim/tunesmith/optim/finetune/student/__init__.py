"""A student's folder, looked over before anything trusts it. Needs no torch."""

from tunesmith.optim.finetune.student.checked import checked_student, present_source

__all__ = [
    "checked_student",
    "present_source",
]
