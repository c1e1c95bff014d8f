"""The sentences template instructions are made of. Each is "" where it does not apply."""

from tunesmith.optim.proposer.error_digest import ErrorCluster
from tunesmith.optim.proposer.label_values import YES_NO
from tunesmith.optim.proposer.template_facts import TemplateFacts
from tunesmith.optim.proposer.wording import as_sentence, enumerate_words, label_list, noun, quote

DEFINED_LABELS = 45
"""With more labels, words for each would make no readable text."""
FEW_LABELS = 6
WORDS_EACH = 3
WORDS_EACH_OF_MANY = 2
WARNINGS = 2
SHORT_ANSWER = 6
LONG_ANSWER = 15
"""Words of an output from which its length is worth saying."""
FIELDS_DETAILED = 3


def task_as_written(facts: TemplateFacts) -> str:
    """The instruction as it is; the plain sentence where it says nothing."""
    if facts.is_built:
        return facts.current + "\n"
    return as_sentence(facts.current) or task_plain(facts)


def task_plain(facts: TemplateFacts) -> str:
    """What to read, and what to give."""
    if not facts.inputs:
        return as_sentence(f"{_verb(facts)} {facts.given}")
    comma = "," if " and " in facts.read else ""
    return f"Read {facts.read}{comma} and {_verb(facts)} {facts.given}."


def _verb(facts: TemplateFacts) -> str:
    if facts.label_field is not None:
        return "decide" if facts.is_yes_no else "choose"
    return "give" if len(facts.outputs) <= FIELDS_DETAILED else "fill in"


def task_terse(facts: TemplateFacts) -> str:
    """The same in a few words."""
    name = facts.label_field
    if name is not None and facts.is_yes_no:
        return f"Decide {noun(name)}: True or False."
    if name is not None and 1 < len(facts.labels[name]) <= FEW_LABELS and facts.inputs:
        return f"Label {facts.read} as {label_list(facts.labels[name], 'or')}."
    if name is not None:
        return as_sentence(f"choose {noun(name)}".replace("choose the ", "choose the right "))
    if facts.copied and len(facts.copied) == len(facts.outputs) and facts.inputs:
        return f"Extract {facts.given} from {facts.read}."
    return as_sentence(f"{_verb(facts)} {facts.given}")


def labels_listed(facts: TemplateFacts) -> str:
    """The classes of every output that is one."""
    return " ".join(
        f"{_whose(facts, name)}{'s are' if len(labels) > 1 else ' is'}: {label_list(labels)}."
        for name, labels in _lists(facts)
    )


def labels_defined(facts: TemplateFacts) -> str:
    """The list, with words the data shows to go with each label."""
    lines = []
    for name, labels in _lists(facts):
        words = {label: facts.label_words.get(label, []) for label in labels}
        if len(labels) > DEFINED_LABELS or sum(bool(found) for found in words.values()) < 2:
            continue
        most = WORDS_EACH if len(labels) <= 2 * FEW_LABELS else WORDS_EACH_OF_MANY
        lines.append(f"{_whose(facts, name)}s, each with words that point to it:")
        lines += [f"{label}: {', '.join(found[:most])}" if found else label for label, found in words.items()]
    return "\n".join(lines)


def _whose(facts: TemplateFacts, name: str) -> str:
    return "The possible label" if facts.label_field else f"For {noun(name)}, the possible label"


def _lists(facts: TemplateFacts) -> list[tuple[str, list[str]]]:
    return [(name, labels) for name, labels in facts.labels.items() if labels != YES_NO][:FIELDS_DETAILED]


def output_format(facts: TemplateFacts) -> str:
    """How the outputs are written, as their types and the data show."""
    sentences = [_format_of(facts, field.name, field.type) for field in facts.outputs]
    return " ".join([sentence for sentence in sentences if sentence][:FIELDS_DETAILED])


def _format_of(facts: TemplateFacts, name: str, kind: str) -> str:
    kind = kind.removeprefix("Optional[").removesuffix("]") if kind.startswith("Optional[") else kind.split(" | ")[0]
    pattern = facts.patterns.get(name)
    if kind == "bool":
        return f"Write True or False for {noun(name)}."
    if name in facts.labels:
        whose = "Give" if facts.label_field else f"For {noun(name)}, give"
        return f"{whose} a single label, spelled exactly as it is defined."
    if kind == "int":
        return f"Write {noun(name)} as a whole number, in digits."
    if kind == "float":
        return f"Write {noun(name)} as a number, in digits."
    if kind.startswith(("list", "List")):
        return f"Give {noun(name)} as a list, even for a single item."
    if kind != "str" or pattern is None or not pattern.median_words:
        return ""
    if pattern.p95_words <= 1:
        return f"Write {noun(name)} as a single word or number."
    if pattern.p95_words <= SHORT_ANSWER:
        return f"Write {noun(name)} in at most {pattern.p95_words:.0f} words, not in a sentence."
    if pattern.median_words >= LONG_ANSWER:
        return f"Write about {round(pattern.median_words, -1):.0f} words for {noun(name)}."
    return f"Write {noun(name)} in a single line of at most {pattern.p95_words:.0f} words."


def answer_alone(facts: TemplateFacts) -> str:
    """The outputs, and nothing around them."""
    where = facts.given if len(facts.outputs) <= FIELDS_DETAILED else "the output values"
    if facts.reasons:
        return f"Give {where} as the bare value{'s' if len(facts.outputs) > 1 else ''} and nothing else."
    return f"Give {where} alone, without any explanation."


def steps(facts: TemplateFacts) -> str:
    """To find what matters before answering."""
    if not facts.inputs:
        return "Think step by step before you answer."
    if facts.reasons:
        return f"Think step by step: first find what matters in {facts.read}, then decide."
    if facts.label_field is not None:
        return f"First find the words in {facts.read} that matter, then choose."
    if facts.is_extraction:
        return f"First find the place in {facts.read} that holds the answer, then write the answer down."
    return f"First find what matters in {facts.read}, then answer."


def warning(facts: TemplateFacts) -> str:
    """Of the errors seen, the most frequent first."""
    warnings = list(dict.fromkeys(sentence for error in facts.errors if (sentence := _warn_of(facts, error))))
    if warnings:
        return " ".join(warnings[:WARNINGS])
    if facts.label_field is not None and not facts.is_yes_no:
        return "Be careful with labels that look alike."
    return f"Be careful, and check the answer against {facts.read}." if facts.inputs else ""


def _warn_of(facts: TemplateFacts, error: ErrorCluster) -> str:
    place = noun(error.field) if error.field is not None else "the answer"
    if error.pair is not None:
        expected, got = error.pair
        words = facts.label_words.get(expected, [])
        hint = f" Words such as {enumerate_words(words[:2])} point to {quote(expected)}." if len(words) > 1 else ""
        return f"Do not answer {quote(got)} where {quote(expected)} is right.{hint}"
    return {
        "not parsed": "Do not leave out any output field.",
        "missing field": f"Never leave {place} empty.",
        "not a label": "Never use any other label than those defined.",
        "extra text": f"Do not add any extra text to {place}.",
        "too long": f"Do not make {place} too long.",
        "wrong value": f"Do not guess {place}: check it against {facts.read}." if facts.inputs else "",
    }.get(error.kind, "")


def copying(facts: TemplateFacts) -> str:
    """Outputs that stand in an input, word for word."""
    copied = [noun(name) for name in facts.copied]
    if not copied or not facts.inputs or len(copied) > FIELDS_DETAILED:
        return ""
    return f"Copy {enumerate_words(copied)} word for word from {facts.read}."


def edge_cases(facts: TemplateFacts) -> str:
    """What to do in doubt."""
    if facts.is_yes_no:
        return "If it is unclear, choose the more likely of the two."
    if facts.label_field is not None:
        return "If more than one label fits, choose the one that fits best."
    if facts.is_extraction:
        about = f"the one {facts.read} is mainly about" if _is_one(facts) else "the first"
        return f"If more than one answer is possible, take {about}."
    return "If something is unclear or missing, give the most likely answer."


def _is_one(facts: TemplateFacts) -> bool:
    """A single input with a name in the singular: what follows may say "is"."""
    return len(facts.inputs) == 1 and not facts.inputs[0].name.endswith("s")


def persona(facts: TemplateFacts) -> str:
    """A role for the reader."""
    if facts.label_field is not None and not facts.is_yes_no:
        return "You are an expert at sorting texts into labels."
    if facts.copied:
        return "You are a careful clerk who finds facts in texts."
    return "You are an expert in this task."


def stakes(_: TemplateFacts) -> str:
    """That the answer counts."""
    return "This is important: the answer is used as it is."


def politeness(_: TemplateFacts) -> str:
    """A polite word."""
    return "Please take your time."
