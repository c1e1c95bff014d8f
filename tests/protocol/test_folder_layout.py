"""What was applied lies beside its models, and each is found from the other."""

import pytest

from tunesmith.protocol.folder_layout import artifact_beside, student_beside


@pytest.mark.parametrize(
    ("folder", "artifact"),
    [
        ("compiled/bot-student", "compiled/bot.json"),
        ("compiled/bot-student/sort", "compiled/bot.json"),
        ("a-student-student", "a-student.json"),
        ("compiled/bot", None),
        ("compiled/bot-student/a/b", None),
    ],
)
def test_the_artifact_beside_a_student(folder: str, artifact: str | None) -> None:
    assert artifact_beside(folder) == artifact


def test_the_student_beside_an_artifact() -> None:
    assert student_beside("compiled/bot.json") == "compiled/bot-student"
    assert artifact_beside(student_beside("compiled/a-student.json")) == "compiled/a-student.json"
