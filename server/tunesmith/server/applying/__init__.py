"""From a run to a changed program: composing its edit, and writing what no editor writes."""

from tunesmith.server.applying.run_edit import compose_run_edit
from tunesmith.server.applying.writing import apply_to_disk, copy_students_of, write_new_files

__all__ = [
    "apply_to_disk",
    "compose_run_edit",
    "copy_students_of",
    "write_new_files",
]
