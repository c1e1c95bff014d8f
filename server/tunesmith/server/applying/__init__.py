"""Making a composed change real on disk."""

from tunesmith.server.applying.student_copy import copy_students

__all__ = [
    "copy_students",
]
