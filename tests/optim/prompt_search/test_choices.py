from tunesmith.optim.demos.sets import DemoSet
from tunesmith.optim.prompt_search.choices import Choices, Instruction, candidate_id, candidate_name


def choices() -> Choices:
    def instructions(*texts: str) -> list[Instruction]:
        return [
            Instruction(text=text, view="own" if not i else "data", why="", features={}) for i, text in enumerate(texts)
        ]

    def sets(*names: str) -> list[DemoSet]:
        return [DemoSet(name=name, demos=[], choices=[], tokens=0) for name in names]

    return Choices(
        {"sort": instructions("Sort.", "Sort well."), "find": instructions("Find.")},
        {"sort": sets("as it came", "first come"), "find": sets("as it came", "labels only", "first come")},
    )


def test_the_space_has_two_factors_a_predictor() -> None:
    space = choices().space()
    assert [(factor.predictor, factor.kind, factor.levels) for factor in space.factors] == [
        ("sort", "instruction", 2),
        ("sort", "demos", 2),
        ("find", "instruction", 1),
        ("find", "demos", 3),
    ]


def test_added_instructions_get_the_next_levels() -> None:
    made = choices()
    added = [Instruction(text="Find it.", view="reflection", why="", features={})]
    assert made.add_instructions("find", added) == 2
    assert made.space().factors[2].levels == 2
    assert made.instruction((0, 0, 1, 0), "find").text == "Find it."


def test_names_say_what_differs_from_the_baseline() -> None:
    made = choices()
    assert candidate_id((0, 0, 0, 0)) == candidate_name((0, 0, 0, 0), made) == "baseline"
    assert candidate_id((1, 0, 0, 2)) == "i1d0.i0d2"
    assert candidate_name((1, 0, 0, 2), made) == "sort: instruction 1; find: demos “first come”"
    assert candidate_name((1, 1, 0, 0), made) == "sort: instruction 1 + demos “first come”"


def test_a_demo_set_is_found_by_its_name_in_every_predictor() -> None:
    assert choices().with_demos("first come") == (0, 1, 0, 2)
    assert choices().with_demos("labels only") == (0, 0, 0, 1)
