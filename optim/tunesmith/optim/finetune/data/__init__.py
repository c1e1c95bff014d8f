"""Training data: a teacher's accepted traces as rows in the student's own prompt."""
