"""An event as a line of text."""

from tunesmith.protocol import CandidateScored, Printed, Progressed, RoundEnded, RunEvent, StatusChanged, Warned
from tunesmith.server.score_text import describe_gain, describe_score, is_share


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
        case Warned(message=message):
            return f"warning: {message}"
        case Printed(stream=stream, text=text):
            return "\n".join(f"{stream}| {line}" for line in text.splitlines())
