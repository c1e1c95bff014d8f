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
from tunesmith.server.text.scores import describe_gain, describe_score, is_share
from tunesmith.server.text.searches import describe_batch
from tunesmith.server.text.training import describe_dev_score, describe_training_start, describe_training_step


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
