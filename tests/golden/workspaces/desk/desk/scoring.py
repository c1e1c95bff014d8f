"""When is an answer right?"""


def right_topic(example, prediction, trace=None):
    return example.topic == prediction.topic


def both_right(example, prediction, trace=None):
    """Half a point for the topic, half for a reply that names it."""
    topic, reply = example.topic == prediction.topic, example.topic in prediction.reply
    return topic and reply if trace is not None else (topic + reply) / 2
