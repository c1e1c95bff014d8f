"""An event as a line of text, or as a few."""

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
from tunesmith.server.text import describe_batch, describe_gain, describe_score, is_share
from tunesmith.server.views.training_lines import dev_line, start_line, step_line


def event_line(event: RunEvent) -> str:
    match event:
        case StatusChanged(status=status, reason=reason):
            return f"{status}: {reason}" if reason else status
        case Progressed(phase=phase, done=done, total=total, text=text):
            count = f"{done}/{total}" if total is not None else f"{done}"
            return f"{phase} {count}{f'  {text}' if text else ''}"
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
            return proposal_line(event)
        case BatchClosed(batch=number):
            return f"batch {number}: {describe_batch(event)}"
        case TrainingStarted():
            return start_line(event)
        case TrainingStep():
            return step_line(event)
        case DevScored():
            return dev_line(event)
        case Warned(message=message):
            return f"warning: {message}"
        case Printed(stream=stream, text=text):
            return "\n".join(f"{stream}| {line}" for line in text.splitlines())


def proposal_line(event: InstructionsProposed) -> str:
    """`12 instructions proposed for sort (4 from errors, 3 from data, …)`; later ones say in which round."""
    late = f"round {event.round}: " if event.round else ""
    further = "further " if event.round else ""
    views = sorted(event.views.items(), key=lambda item: (-item[1], item[0]))
    origin = f" ({', '.join(f'{count} from {view}' for view, count in views)})" if views else ""
    noun = "instruction" if event.count == 1 else "instructions"
    return f"{late}{event.count} {further}{noun} proposed for {event.predictor}{origin}"
