"""Writing instruction variants: by a prompt model from several views, by templates where it falls short."""

import math
import random
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, zip_longest

from msgspec import Struct

from tunesmith.optim.demos import Embedder
from tunesmith.optim.dspy_types import Example, LanguageModel, Signature
from tunesmith.optim.proposer.acceptance import Acceptance
from tunesmith.optim.proposer.analysis import Analysis
from tunesmith.optim.proposer.brief import Brief, effects_text, errors_text, scored_text, write_brief
from tunesmith.optim.proposer.error_digest import ErrorDigest
from tunesmith.optim.proposer.hygiene import (
    MOST_CHARACTERS,
    PREFERRED_CHARACTERS,
    clean_text,
    fold,
    word_runs,
)
from tunesmith.optim.proposer.parsing import parse_instructions
from tunesmith.optim.proposer.program_outline import is_built
from tunesmith.optim.proposer.prompt_model import PromptModel
from tunesmith.optim.proposer.proposal import Proposal, ScoredInstruction
from tunesmith.optim.proposer.summaries import SharedSummaries
from tunesmith.optim.proposer.template_facts import TemplateFacts, template_facts
from tunesmith.optim.proposer.templates import compose_templates, revise_leader
from tunesmith.optim.proposer.views import VIEWS, reflection_prompt, view_prompt

ALL_VIEWS = frozenset(VIEWS)
PROPOSING_CALLS = 8
"""Answers of the prompt model for a predictor's first proposals, at most."""
REFLECTING_CALLS = 3
FEWEST_A_VIEW = 3
"""Variants asked for in one call, at least: one call each would cost more and vary less."""
SPARE = 1
"""Asked for beyond what is wanted: some will be refused."""
USELESS_ANSWERS = 3
"""In a row, after which the prompt model is taken to be too weak."""
ECHO_SHARE = 0.5
"""A text with so many of its runs of words from the prompt only repeats it."""


class WritingSettings(Struct, frozen=True, kw_only=True):
    """How instruction variants are written."""

    count: int = 20
    """Variants a predictor; 0: none."""
    views: frozenset[str] = ALL_VIEWS
    """Of `VIEWS`; others are not asked from."""
    temperature: float = 1.0
    """Of the prompt model."""
    embedder: Embedder | str | None = None
    """Tells which instructions are alike; see `embed_texts`."""
    max_characters: int = MOST_CHARACTERS
    """Of an instruction."""
    seed: int
    """Of what the prompt model is shown, and of its samples."""


class InstructionWriter:
    """Made once an optimization: what it asks for all predictors, it asks once. Thread safe."""

    def __init__(
        self,
        lm: LanguageModel | None,
        analysis: Analysis,
        signatures: Mapping[str, Signature],
        examples: Sequence[Example],
        settings: WritingSettings,
        *,
        warn: Callable[[str], None],
    ) -> None:
        """
        Args:
            lm: A dspy LM, wrapped by the run; None: templates only.
            analysis: What is known of the task.
            signatures: By predictor; their instructions are the current ones.
            examples: What may be shown to the prompt model, and must not be found in an instruction.
            settings: How many, from which views.
            warn: Called once where the prompt model falls out, with a sentence for people.
        """
        self._analysis, self._signatures, self._examples = analysis, dict(signatures), examples
        self._settings = settings
        self._model = PromptModel(lm, temperature=settings.temperature, seed=settings.seed, warn=warn)
        self._summaries = SharedSummaries(self._model, analysis, examples, settings.views, settings.seed)
        self._acceptance = Acceptance(
            analysis,
            signatures,
            examples,
            embedder=settings.embedder,
            most_characters=settings.max_characters,
        )
        self._useless = 0
        self._lock = threading.Lock()

    @property
    def calls(self) -> int:
        """Answers of the prompt model so far, summaries included."""
        return self._model.calls

    def propose(self, predictor: str) -> list[Proposal]:
        """Up to `count` variants for a predictor, the views taking turns. The current instruction is none of them."""
        found: list[Proposal] = []
        if self._listen():
            found = self._from_views(predictor)
        if len(found) < self._settings.count:
            wanted = self._settings.count - len(found)
            templates = compose_templates(
                self._facts(predictor, self._analysis.errors),
                # Some will be refused, as alike or as what a model's proposal says already.
                count=2 * self._settings.count,
                most_characters=self._settings.max_characters,
            )
            accepted = self._acceptance.accept(predictor, templates, [p.text for p in found], any_script=True)
            found += sorted(accepted[:wanted], key=lambda proposal: len(proposal.text))
        self._acceptance.remember(found)
        return found

    def reflect(
        self,
        predictor: str,
        scored: Sequence[ScoredInstruction],
        failures: ErrorDigest,
        *,
        wanted: int,
        number: int,
        feature_effects: Mapping[str, float] | None = None,
    ) -> list[Proposal]:
        """Up to `wanted` new variants, from what the leader still fails and the scores so far.

        `number` counts the reflections of a search: another one is another sample. `feature_effects`: on the score,
        by names of `FEATURES`.
        """
        effects = feature_effects or {}
        known = [one.text for one in scored]
        found: list[Proposal] = []
        if wanted > 0 and self._listen():
            found = self._from_reflection(predictor, scored, failures, wanted, number, effects)
        if len(found) < wanted:
            leader = max(scored, key=lambda one: one.effect).text if scored else self._current(predictor)
            templates = revise_leader(
                self._facts(predictor, failures),
                leader,
                effects,
                count=4 * wanted,
                most_characters=self._settings.max_characters,
            )
            earlier = [*known, *(p.text for p in found)]
            found += self._acceptance.accept(predictor, templates, earlier, any_script=True)[: wanted - len(found)]
        self._acceptance.remember(found)
        return found

    # Asking

    def _listen(self) -> bool:
        self._model.listen_again()
        return not self._model.is_silent

    def _from_views(self, predictor: str) -> list[Proposal]:
        brief = self._brief(predictor)
        names = [name for name, view in VIEWS.items() if name in self._settings.views and view.has_matter(brief)]
        each = max(FEWEST_A_VIEW, math.ceil(self._settings.count / len(names))) if names else 0
        names = names[: math.ceil(self._settings.count / each)] if each else []
        by_view: dict[str, list[Proposal]] = {name: [] for name in names}
        draw = random.Random(f"{self._settings.seed} {predictor}")
        calls = 0
        # Each view once, then those that gave least, while answers are left and variants lack.
        for name in chain(names, *([names] * PROPOSING_CALLS)):
            gathered = [proposal for proposals in by_view.values() for proposal in proposals]
            is_first = calls < len(names)
            if (
                self._model.is_silent
                or calls >= PROPOSING_CALLS
                or (not is_first and len(gathered) >= self._settings.count)
            ):
                break
            if not is_first and len(by_view[name]) >= each:
                continue
            lacking = each + SPARE if is_first else self._settings.count - len(gathered) + SPARE
            prompt = view_prompt(VIEWS[name], brief, lacking, draw)
            texts = self._ask(prompt, f"{predictor} {name} {calls}", [self._current(predictor)])
            calls += 1
            proposals = self._written(predictor, texts, name, VIEWS[name].why)
            by_view[name] += self._acceptance.accept(predictor, proposals, [p.text for p in gathered])
        return _in_turns(by_view.values(), self._settings.count)

    def _from_reflection(
        self,
        predictor: str,
        scored: Sequence[ScoredInstruction],
        failures: ErrorDigest,
        wanted: int,
        number: int,
        effects: Mapping[str, float],
    ) -> list[Proposal]:
        clusters = failures.about(list(self._signatures[predictor].output_fields), predictor)
        errors = errors_text(failures, clusters) if clusters else ""
        prompt = reflection_prompt(
            self._brief(predictor), scored_text(scored), errors, effects_text(effects), wanted + SPARE
        )
        known = [one.text for one in scored]
        found: list[Proposal] = []
        for attempt in range(REFLECTING_CALLS):
            if self._model.is_silent or found:
                break
            texts = self._ask(prompt, f"{predictor} reflection {number} {attempt}", [self._current(predictor), *known])
            proposals = self._written(predictor, texts, "reflection", "from what the best one still got wrong")
            found = self._acceptance.accept(predictor, proposals, known)
        return _in_turns([found], wanted)

    def _ask(self, prompt: str, purpose: str, quoted: Sequence[str]) -> list[str]:
        """The instructions in the model's answer. `quoted`: texts of the prompt that may come back, changed."""
        answer = self._model.ask(prompt, purpose)
        if answer is None:
            return []
        shown = set(word_runs(fold(prompt))).difference(*(word_runs(fold(text)) for text in quoted))
        texts = [text for text in map(clean_text, parse_instructions(answer)) if not _is_echo(text, shown)]
        usable = [text for text in texts if self._acceptance.allows(text)]
        with self._lock:
            self._useless = 0 if usable else self._useless + 1
            if self._useless >= USELESS_ANSWERS:
                self._model.give_up()
        return usable

    def _written(self, predictor: str, texts: Sequence[str], view: str, why: str) -> list[Proposal]:
        """What dspy's module wrote stays before them: a prompt model would drop its tools and protocol."""
        current = self._current(predictor)
        if is_built(self._analysis.program, predictor):
            texts = [text if current in text else f"{current}\n\n{text}" for text in texts]
        return [Proposal(predictor=predictor, text=text, view=view, why=why) for text in texts]

    def _brief(self, predictor: str) -> Brief:
        data, program = self._summaries.get()
        return write_brief(
            self._analysis,
            predictor,
            self._signatures[predictor],
            self._examples,
            data=data,
            program=program,
            seed=self._settings.seed,
        )

    def _facts(self, predictor: str, errors: ErrorDigest | None) -> TemplateFacts:
        return template_facts(self._analysis, predictor, self._signatures[predictor], errors)

    def _current(self, predictor: str) -> str:
        return str(self._signatures[predictor].instructions)


def _is_echo(text: str, shown: set[int]) -> bool:
    runs = list(word_runs(fold(text)))
    return bool(runs) and sum(run in shown for run in runs) > ECHO_SHARE * len(runs)


def _in_turns(groups: Iterable[Sequence[Proposal]], count: int) -> list[Proposal]:
    """One of each group after the other; those of the preferred length before longer ones."""
    taken = [one for row in zip_longest(*groups) for one in row if one is not None]
    taken.sort(key=lambda one: len(one.text) > PREFERRED_CHARACTERS)
    return taken[:count]
