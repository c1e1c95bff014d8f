import dspy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tunesmith.optim.proposer.hygiene import Bounds, LeakCheck, clean_text, without_repeats

LONG = "The front light of bike 5128 does not work any more since the rain of last night."
EXAMPLES = [
    dspy.Example(message=LONG, topic="broken", note=["I was charged twice for one ride"]).with_inputs("message"),
    dspy.Example(message="Hi", topic="card_payment_wrong_exchange_rate").with_inputs("message"),
    dspy.Example(message="我的自行车前灯从昨天晚上下雨以后就不能用了请帮忙修理", topic="broken").with_inputs("message"),
]
CHECK = LeakCheck(EXAMPLES, ["card_payment_wrong_exchange_rate", "Sort messages to a bike rental."])


@pytest.mark.parametrize(
    ("text", "leaks"),
    [
        (f"Messages like “{LONG}” are broken.", True),
        (f"messages like {LONG.upper()}", True),
        ("Such as: the front light of bike 5128 does\nnot work, and so on.", True),
        ("Such as I was charged twice for one ride.", True),
        ("例如：前灯从昨天晚上下雨以后就不能用了请帮忙，属于故障。", True),
        ("The front light of a bike may not work.", False),
        ("Choose broken or card_payment_wrong_exchange_rate.", False),
        ("Say Hi.", False),
        ("判断自行车的问题属于哪一类。", False),
        ("", False),
    ],
)
def test_leaks(text: str, leaks: bool) -> None:
    assert CHECK.finds(text) is leaks


def test_what_the_current_instruction_says_may_be_said_again() -> None:
    wording = "decide what a message to a bike rental is about"
    examples = [dspy.Example(message=wording).with_inputs("message")]
    assert LeakCheck(examples).finds(f"Please {wording}.")
    assert not LeakCheck(examples, [f"{wording}."]).finds(f"Please {wording}.")


def test_a_form_that_all_examples_share_is_no_leak() -> None:
    form = "you are given a passage and a question, answer the question"
    examples = [dspy.Example(prompt=f"{form}: number {i}").with_inputs("prompt") for i in range(20)]
    assert not LeakCheck(examples).finds(f"Remember: {form}.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Read the message and choose.", None),
        ("Keep {braces}, \"quotes\", 'ticks' and ü.", None),
        ("", "no instruction"),
        ("1. -- 2.", "no instruction"),
        ("x " * 60 + "y" * 200, "longer than 300 characters"),
        ("Читай сообщение и выбери тему.", "written in Cyrillic script"),
        ("I'm sorry, I can't do that.", "a refusal"),
        ("read it " * 30, "repeats itself"),
        ("These are the instructions I will provide to the module.", "talks about itself"),
        ("This instruction is designed to assist people.", "talks about itself"),
        (f"Like {LONG}", "repeats an example"),
    ],
)
def test_bounds(text: str, problem: str | None) -> None:
    bounds = Bounds(scripts={"Latin"}, leaks=CHECK, max_characters=300)
    words = "repeats itself" if text.startswith("x x") else problem
    assert bounds.violated(text) == words
    if problem == "written in Cyrillic script":
        assert bounds.violated(text, any_script=True) is None
        assert Bounds(scripts=set(), leaks=CHECK).violated(text) is None


def test_a_text_may_be_as_long_as_the_bound() -> None:
    text = " ".join(f"word{i}" for i in range(2000))[:10_000]
    assert Bounds(scripts=set(), leaks=CHECK).violated(text) is None
    assert Bounds(scripts=set(), leaks=CHECK).violated(text + "x") == "longer than 10,000 characters"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b\x1b[1mc\ud800d", "ab[1mcd"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a  \n\n\n\nb\n", "a\n\nb"),
        ("\ta {x} “y” 字 🙂", "a {x} “y” 字 🙂"),
    ],
)
def test_cleaning(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_clean_texts_can_be_sent_and_stay_clean(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned


def test_repeats_are_found_among_each_other_and_earlier_ones() -> None:
    current = "Decide what a message to a bike rental is about."
    texts = [
        "decide what a message to a bike rental is about",
        "You are a clerk. Copy the number of the bike from the message.",
        "You are a clerk!  Copy the number of the bike from the message",
        "Label each message as broken or money, and nothing else.",
        "Label each message as broken or money and nothing else, please.",
        "Think step by step about the customer's intention before you answer.",
    ]
    assert without_repeats(texts, [current]) == [1, 3, 4, 5]
    assert without_repeats(texts, [current], alike=0.8) == [1, 3, 5]
    assert without_repeats([], [current]) == []


def test_another_embedder_decides() -> None:
    def embed(texts: list[str]) -> list[list[float]]:
        return [[1.0, 0.0] if "red" in text else [0.0, 1.0] for text in texts]

    assert without_repeats(["a red one", "a blue one", "another red one"], [], embed) == [0, 1]
