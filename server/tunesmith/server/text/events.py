"""What happens in a run: an event as a line of text, or as a few."""

from tunesmith.protocol import (
    Analysed,
    BatchClosed,
    CandidateScored,
    DevScored,
    InstructionsProposed,
    Printed,
    Progressed,
    RoundEnded,
    RunEvent,
    StatusChanged,
    TrainingStarted,
    TrainingStep,
    Warned,
)
from tunesmith.server.text.quantities import describe_bytes, describe_count, describe_seconds
from tunesmith.server.text.scores import describe_gain, describe_score, is_share
from tunesmith.server.text.searches import describe_batch


def describe_event(event: RunEvent) -> str:
    """One line, or several where the event has several to say."""
    match event:
        case StatusChanged(status=status, reason=reason):
            return f"{status}: {reason}" if reason else status
        case Progressed():
            return describe_progress_line(event)
        case CandidateScored(name=name, score=score, gain=gain):
            line = f"{name} scored {describe_score(score)}"
            return (
                line if gain is None else f"{line}; gain {describe_gain(gain, share=is_share(score))}, {gain.verdict}"
            )
        case RoundEnded(round=number, tried=tried, accepted=accepted, pool=pool):
            return f"round {number}: {tried} tried, {accepted} accepted, {pool} in the pool"
        case Analysed(lines=lines):
            return "\n".join(["analysis", *(f"  {line}" for line in lines)])
        case InstructionsProposed():
            return describe_proposals(event)
        case BatchClosed(batch=number):
            return f"batch {number}: {describe_batch(event)}"
        case TrainingStarted():
            return describe_training_start(event)
        case TrainingStep():
            return describe_training_step(event)
        case DevScored():
            return describe_dev_score(event)
        case Warned(message=message):
            return f"warning: {message}"
        case Printed(stream=stream, text=text):
            return "\n".join(f"{stream}| {line}" for line in text.splitlines())


def describe_progress(progress: Progressed) -> str:
    """`bootstrapping 5/10: round 2`: in a lens, a list, a progress bar."""
    return _join_progress(progress, ": ")


def describe_progress_line(progress: Progressed) -> str:
    """`bootstrapping 5/10  round 2`: among a log's lines, where a colon would say whose line it is."""
    return _join_progress(progress, "  ")


def _join_progress(progress: Progressed, between: str) -> str:
    done = f"{progress.done}" if progress.total is None else f"{progress.done}/{progress.total}"
    return f"{progress.phase} {done}{between + progress.text if progress.text else ''}"


def describe_proposals(event: InstructionsProposed) -> str:
    """`12 instructions proposed for sort (4 from errors, 3 from data, …)`; later ones say in which round."""
    late = f"round {event.round}: " if event.round else ""
    further = "further " if event.round else ""
    views = sorted(event.views.items(), key=lambda item: (-item[1], item[0]))
    origin = f" ({', '.join(f'{count} from {view}' for view, count in views)})" if views else ""
    noun = "instruction" if event.count == 1 else "instructions"
    return f"{late}{event.count} {further}{noun} proposed for {event.predictor}{origin}"


def describe_training_start(event: TrainingStarted) -> str:
    """`training sort on cpu: 180 rows (2 left out: 2 too long), 67 steps, 4.9 M of 134.5 M parameters; packed …`."""
    left_out = sum(event.refused.values())
    reasons = ", ".join(f"{count} {reason}" for reason, count in event.refused.items())
    rows = f"{event.rows:,} rows{f' ({left_out:,} left out: {reasons})' if left_out else ''}"
    steps = f"{event.steps:,} steps{f', resumed at step {event.resumed_at:,}' if event.resumed_at else ''}"
    weights = f"{describe_count(event.trainable)} of {describe_count(event.parameters)} parameters"
    return f"training {event.student} on {event.device}: {rows}, {steps}, {weights}; {event.layout}"


def describe_training_step(event: TrainingStep) -> str:
    """`training sort 12/67  loss 0.412, …`."""
    return f"training {event.student} {event.step}/{event.steps}  {describe_step_briefly(event)}"


def describe_step_briefly(event: TrainingStep) -> str:
    """`loss 0.412, 1,240 tokens/s, 1.2 GB, 3 min 12 s left`."""
    speed, memory = f"{event.tokens_per_second:,.0f} tokens/s", describe_bytes(event.peak_bytes)
    return f"loss {event.loss:.3f}, {speed}, {memory}, {describe_seconds(event.eta_seconds)} left"


def describe_dev_score(event: DevScored) -> str:
    """`sort at step 12: dev loss 0.310, …`."""
    return f"{event.student} at step {event.step}: {describe_dev_score_briefly(event)}"


def describe_dev_score_briefly(event: DevScored) -> str:
    """`dev loss 0.310, 83 % word for word, the best so far`."""
    best = ", the best so far" if event.best else ""
    return f"dev loss {event.loss:.3f}, {100 * event.exact:.0f} % word for word{best}"
