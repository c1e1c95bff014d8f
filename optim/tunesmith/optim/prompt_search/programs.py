"""From a candidate to a program that can be run and scored."""

from tunesmith.optim.dspy_types import Program
from tunesmith.optim.prompt_search.choices import Choices, candidate_id, candidate_name
from tunesmith.optim.rollouts import Judge, Run, Task, copy_program, scoring_task, state_without_lms
from tunesmith.optim.search import Arm
from tunesmith.protocol import BASELINE, Candidate


class CandidatePrograms:
    """Programs of candidates, made when first asked for. A candidate is committed before it is scored."""

    student: Program
    """As it came."""

    def __init__(self, run: Run, student: Program, choices: Choices, judge: Judge) -> None:
        self._run, self.student, self._choices, self._judge = run, student, choices, judge
        self._tasks: dict[Arm, Task] = {}

    def program(self, arm: Arm) -> Program:
        """A copy of the student with the arm's instructions and demos; for the baseline, as it came."""
        program = copy_program(self.student)
        if not any(arm):
            return program
        for name, predictor in program.named_predictors():
            instruction = self._choices.instruction(arm, name)
            if instruction.text != predictor.signature.instructions:
                predictor.signature = predictor.signature.with_instructions(instruction.text)
            predictor.demos = list(self._choices.demo_set(arm, name).demos)
        return program

    def task(self, arm: Arm) -> Task:
        """How the arm's program is scored, under dspy's settings of now."""
        if arm not in self._tasks:
            program = self.program(arm)
            name = candidate_id(arm)
            self._run.store.commit_candidate(
                Candidate(
                    id=name,
                    name=candidate_name(arm, self._choices),
                    parent=BASELINE if any(arm) else None,
                    state=state_without_lms(program),
                )
            )
            self._tasks[arm] = scoring_task(self._run, program, self._judge, candidate=name)
        return self._tasks[arm]
