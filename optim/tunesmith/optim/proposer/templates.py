"""Instructions composed by plain code from the analysis: no model, the same each time.

What a variant says follows a screening design, so that the features vary in a balanced way over the variants and a
search can tell their effects apart: Plackett & Burman 1946, 20 runs for up to 19 factors, then its mirror image.
Short, concrete variants come first: small models follow those best.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from tunesmith.optim.proposer import template_clauses as say
from tunesmith.optim.proposer.proposal import Proposal
from tunesmith.optim.proposer.template_facts import TemplateFacts
from tunesmith.optim.proposer.wording import enumerate_words

VIEW = "template"

_FIRST_RUN = "++--++++-+-+----++-"
"""The generator for 20 runs: each next run is the last one turned by a place; the twentieth is all minus."""


class _Clause(Struct, frozen=True):
    name: str
    write: Callable[[TemplateFacts], str]
    summary: str
    """What it does, for people."""
    leads: bool = False
    """Stands before the task."""


TASKS = (
    _Clause("as written", say.task_as_written, "the instruction as it was"),
    _Clause("plain", say.task_plain, "the task in a plain sentence"),
    _Clause("terse", say.task_terse, "the task in a few words"),
)
CLAUSES = (
    _Clause("persona", say.persona, "a role", leads=True),
    _Clause("labels", say.labels_listed, "the labels"),
    _Clause("definitions", say.labels_defined, "the labels with words that point to them"),
    _Clause("steps", say.steps, "steps"),
    _Clause("copy", say.copying, "copying from the input"),
    _Clause("format", say.output_format, "the format"),
    _Clause("warning", say.warning, "a warning of errors seen"),
    _Clause("edge", say.edge_cases, "what to do in doubt"),
    _Clause("alone", say.answer_alone, "the answer alone"),
    _Clause("stakes", say.stakes, "the stakes"),
    _Clause("polite", say.politeness, "a polite word"),
)
"""In the order they are said."""

_FEATURES_OF = {
    "persona": "persona",
    "labels": "lists_labels",
    "definitions": "lists_labels",
    "steps": "asks_for_steps",
    "copy": "asks_to_quote",
    "format": "names_format",
    "warning": "warns_of_error",
    "edge": "edge_cases",
    "alone": "forbids_explanation",
    "stakes": "states_stakes",
    "polite": "politeness",
}


class _Plan(Struct, frozen=True):
    task: str
    clauses: frozenset[str]
    bullets: bool = False


_OPENING = (
    _Plan("terse", frozenset({"alone"})),
    _Plan("plain", frozenset({"labels", "copy"})),
    _Plan("as written", frozenset({"alone"})),
    _Plan("plain", frozenset({"definitions", "format"})),
    _Plan("as written", frozenset({"labels", "copy", "alone"})),
)


def compose_templates(facts: TemplateFacts, *, count: int, most_characters: int) -> list[Proposal]:
    """Up to `count` variants, all different, none longer than `most_characters`; the most promising first."""
    found: dict[str, Proposal] = {}
    for plan in (*_OPENING, *_designed_plans()):
        if len(found) >= count:
            break
        proposal = _compose(facts, plan)
        if len(proposal.text) > most_characters and not facts.is_built:
            proposal = _compose(facts, _Plan("plain", plan.clauses, plan.bullets))
        if proposal.text != facts.written and len(proposal.text) <= most_characters:
            found.setdefault(proposal.text, proposal)
    return list(found.values())


def revise_leader(
    facts: TemplateFacts, leader: str, effects: Mapping[str, float], *, count: int, most_characters: int
) -> list[Proposal]:
    """The leader with sentences added: of what still fails, and of the features that helped most.

    `facts` with the errors that are left; `effects` of features on the score, by name.
    """
    written = {clause.name: clause.write(facts) for clause in CLAUSES}
    lacking = [clause for clause in CLAUSES if written[clause.name] and written[clause.name] not in leader]
    lacking.sort(key=lambda clause: (clause.name != "warning", -effects.get(_FEATURES_OF[clause.name], 0.0)))
    # A feature seen to hurt is not tried again.
    lacking = [clause for clause in lacking if effects.get(_FEATURES_OF[clause.name], 0.0) >= 0]
    found: dict[str, Proposal] = {}
    for clauses in _growing(lacking):
        ordered = [clause for clause in CLAUSES if clause in clauses]
        before = [written[clause.name] for clause in ordered if clause.leads]
        after = [written[clause.name] for clause in ordered if not clause.leads]
        text = _joined([*before, leader.strip(), *after])
        if len(found) >= count:
            break
        if len(text) <= most_characters:
            why = f"the best so far, with {_summarized(clauses)}"
            found.setdefault(text, Proposal(predictor=facts.predictor, text=text, view=VIEW, why=why))
    return list(found.values())


def _growing(clauses: Sequence[_Clause]) -> Iterator[list[_Clause]]:
    """Each alone, the most promising first; then the first two, three, … together."""
    yield from ([clause] for clause in clauses)
    yield from (list(clauses[:size]) for size in range(2, len(clauses) + 1))
    yield from ([clauses[0], other] for other in clauses[2:])


def _designed_plans() -> Iterator[_Plan]:
    rows = [_turned(_FIRST_RUN, places) for places in range(19)] + ["-" * 19]
    for mirrored in (False, True):
        for row in rows:
            yield _plan([(sign == "+") != mirrored for sign in row])


def _turned(row: str, places: int) -> str:
    return row[-places:] + row[:-places] if places else row


def _plan(on: Sequence[bool]) -> _Plan:
    """Clauses of two columns are rare: they suit few tasks, and long texts no small model."""
    task = "terse" if on[0] and on[1] else "as written" if on[0] or on[1] else "plain"
    labels = {"definitions"} if on[2] and on[3] else {"labels"} if on[2] or on[3] else set()
    single = {"format": on[4], "alone": on[5], "warning": on[8], "copy": on[9], "edge": on[10]}
    rare = {"steps": on[6:8], "persona": on[11:13], "stakes": on[13:15], "polite": on[17:19]}
    chosen = {name for name, is_on in single.items() if is_on} | {
        name for name, columns in rare.items() if all(columns)
    }
    return _Plan(task, frozenset(labels | chosen), bullets=all(on[15:17]))


def _compose(facts: TemplateFacts, plan: _Plan) -> Proposal:
    # dspy's default instruction says nothing: then the plain sentence is what there is.
    name = "as written" if facts.is_built else plan.task if facts.current or plan.task != "as written" else "plain"
    task = next(one for one in TASKS if one.name == name)
    task_text = task.write(facts)
    clauses = [clause for clause in CLAUSES if clause.name in plan.clauses and clause.write(facts)]
    if "definitions" in plan.clauses and not say.labels_defined(facts) and say.labels_listed(facts):
        clauses.insert(0, next(clause for clause in CLAUSES if clause.name == "labels"))
    if plan.task == "terse" and task_text.startswith("Label "):
        clauses = [clause for clause in clauses if clause.name != "labels"]  # they are in the task
    before = [clause.write(facts) for clause in clauses if clause.leads]
    after = [clause.write(facts) for clause in clauses if not clause.leads]
    if plan.bullets and len(after) > 1:
        points = [f"- {line}" for text in after for line in text.split("\n")[:1]]
        details = {point: text.split("\n")[1:] for point, text in zip(points, after, strict=True)}
        lines = [line for point in points for line in (point, *(f"  {detail}" for detail in details[point]))]
        text = "\n".join([_joined([*before, task_text]), *lines])
    else:
        text = _joined([*before, task_text, *after])
    why = f"{task.summary}" + (f", with {_summarized(clauses)}" if clauses else "")
    return Proposal(predictor=facts.predictor, text=text, view=VIEW, why=why)


def _summarized(clauses: Sequence[_Clause]) -> str:
    return enumerate_words([clause.summary for clause in clauses])


def _joined(parts: Sequence[str]) -> str:
    """In one paragraph; a part of several lines stands on its own."""
    text = ""
    for part in parts:
        last = text.rsplit("\n", 1)[-1]
        separator = "" if not text else "\n" if "\n" in part or ("\n" in text and ":" in last) else " "
        text += separator + part
    return text
