"""The whole forecast, for every configuration that is bundled, and what was claimed for T5-base."""

import msgspec
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from tunesmith.optim.finetune.base_models.bundled import CONFIGS, bundled_config
from tunesmith.optim.finetune.base_models.description import description_of
from tunesmith.optim.finetune.forecast.__main__ import main
from tunesmith.optim.finetune.forecast.claims import Claim, t5_base_claims
from tunesmith.optim.finetune.forecast.cost import ApiCosts, TeacherCalls, TokenPrice
from tunesmith.optim.finetune.forecast.hardware import Hardware
from tunesmith.optim.finetune.forecast.memory import MemoryForecast, MemoryPart
from tunesmith.optim.finetune.forecast.overview import Machines, TrainingOutline, forecast_finetune
from tunesmith.optim.finetune.forecast.prediction import predict_training, with_actual
from tunesmith.optim.finetune.forecast.probe import Probe, probed_memory, probed_time
from tunesmith.optim.finetune.forecast.row_sizes import RowSizes
from tunesmith.optim.finetune.forecast.training_time import TimeForecast
from tunesmith.optim.finetune.forecast.workload import measure_workload
from tunesmith.optim.finetune.settings import TrainSettings

pytestmark = pytest.mark.finetune

GB = 1_000_000_000
SIZES = RowSizes(count=2000, prompt_tokens=400, longest_prompt=480, target_tokens=60, shared_prefix=300)
HERE = Hardware(
    name="here",
    device="cpu",
    memory_bytes=16 * GB,
    flops=2e11,
    bytes_per_second=2e10,
    is_bf16=True,
    usd_per_hour=None,
    basis="given",
)
PRICE = TokenPrice(model="gpt-4", usd_in=30e-6, usd_out=60e-6, basis="")


def forecast(name, free=12 * GB, tasks=("one",), **options):
    return forecast_finetune(
        TrainingOutline(config=bundled_config(name), settings=TrainSettings(tasks=list(tasks)), rows=SIZES, name=name),
        machines=Machines(here=HERE, free_bytes=free),
        **options,
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in CONFIGS.glob("*.json")))
def test_every_model_is_foreseen_without_its_weights(name):
    found = forecast(name)
    full, lora, prompt = found.strategies
    assert [one.name for one in found.strategies] == ["full", "lora", "prompt"]
    # Weights, gradients and two states in fp32.
    assert full.memory_bytes > 16 * found.parameters
    assert full.memory_bytes > lora.memory_bytes > prompt.memory_bytes / 2 > found.parameters
    assert full.trainable == found.parameters
    assert 0 < prompt.trainable < lora.trainable < found.parameters / 10
    assert found.picked in ("full", "lora", "prompt")
    assert found.serving_bytes > 4 * found.parameters
    assert [one.name for one in found.hardware] == ["here", "RTX 3060", "RTX 3090", "A100 40GB", "H100 80GB"]
    assert all(0 < one.train_seconds.low < one.train_seconds.high for one in found.hardware)


def test_it_adds_up_for_one_of_them():
    calls = TeacherCalls(calls=3000, prompt_tokens=400, completion_tokens=60, price=PRICE)
    found = forecast("smollm2-135m", tasks=("one", "two"), api=ApiCosts(teacher=calls, prices=[PRICE]))
    assert found.picked in [one.name for one in found.strategies]
    assert found.why
    anyway, by_use, always_on = found.break_even
    assert anyway.queries == pytest.approx(3000)
    assert by_use.queries > 3000
    assert by_use.api == "gpt-4, RTX 3060 by use"
    assert always_on.queries == pytest.approx(0.10 * 730 / PRICE.of_call(400, 60))


def test_what_was_asked_for_is_taken_with_its_warnings():
    found = forecast("smollm2-135m", method="prompt")
    assert found.picked == "prompt"
    assert found.why == ["Prompt tuning was asked for."]
    assert any("Prompt tuning is weak" in warning for warning in found.warnings)


def test_where_nothing_fits_it_says_so_and_goes_on():
    found = forecast("llama-2-13b", free=4 * GB)
    assert not any(one.fits for one in found.strategies)
    assert any("Finetuning llama-2-13b needs about" in warning for warning in found.warnings)


def test_what_was_claimed_for_t5_base():
    claims = {claim.claim: claim for claim in t5_base_claims()}
    verdicts = [(claim.unit, claim.verdict) for claim in claims.values()]
    assert verdicts == [
        ("parameters", "right"),
        ("GB", "too high"),
        ("hours", "too high"),
        ("queries/s", "right"),
        ("queries/s", "right"),
        ("queries", "too high"),
    ]
    parameters, memory, hours, _, _, queries = claims.values()
    assert parameters.ours_low == 222_903_552
    assert 3.6 < memory.ours_high < 10
    assert hours.ours_high < 1
    assert 5000 < queries.ours_low < queries.ours_high < 6000


def test_the_claims_are_printed_for_people_and_for_programs(capsys):
    assert main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "T5-base has 220M parameters" in lines
    assert "  ours: 223,000,000 parameters; the claim is right" in lines
    assert main(["--json"]) == 0
    assert msgspec.json.decode(capsys.readouterr().out, type=list[Claim]) == t5_base_claims()


def test_a_probe_corrects_time_and_memory():
    config = bundled_config("t5-small")
    load = measure_workload(
        config, description_of(config), TrainSettings(tasks=["one"], epochs=1), SIZES, is_bf16=False
    )
    probe = Probe(device="cpu", layout="", start_seconds=20.0, tokens_per_second=460.0, peak_bytes=3 * GB)
    # 2,000 rows of 460 tokens in steps of eight: a second a row.
    time = probed_time(probe, load)
    assert (time.low, time.mean, time.high) == pytest.approx((0.75 * 2020, 2020, 1.25 * 2020))
    assert probed_time(probe, load, dev_rows=100).mean > 2020 + 10 * 100 * 0.25
    assert probed_memory(probe).total_bytes == 3 * GB


def test_predictions_stand_beside_what_came():
    memory = MemoryForecast(parts=[MemoryPart(name="all", bytes=2 * GB, is_exact=True)])
    predicted = predict_training(memory, TimeForecast(low=50, mean=100, high=200, basis=""))
    kept = with_actual(predicted, peak_bytes=int(1.6 * GB), seconds=125)
    assert [(one.what, one.unit, one.actual) for one in kept] == [
        ("training memory", "bytes", 1.6 * GB),
        ("training time", "seconds", 125),
    ]
    assert msgspec.structs.replace(kept[0], actual=None) == predicted[0]
