"""When is an answer of the desk, or of its first step, right?"""


def both_right(example, prediction, trace=None):
    """Half a point for the topic, half for the bike. As a demonstration only a message with both right will do."""
    topic = prediction.topic == example.topic
    bike = prediction.bike == example.bike
    if trace is not None:
        return topic and bike
    return (topic + bike) / 2


def right_topic(example, prediction, trace=None):
    return prediction.topic == example.topic
