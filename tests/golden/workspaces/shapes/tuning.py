"""Compile calls at module level, in functions, and in `__main__`."""

import dspy

from pipeline import Pipeline, alone, pipeline

trainset = [dspy.Example(question=f"What is {n}?", answer=str(n)).with_inputs("question") for n in range(8)]
devset = trainset[:4]


def exact(example, prediction, trace=None):
    return example.answer == prediction.answer


def judged(gold, pred, trace=None, pred_name=None, pred_trace=None):
    return dspy.Prediction(score=float(gold.answer == pred.answer), feedback="as it is")


optimizer = dspy.BootstrapFewShot(metric=exact)
tuned = optimizer.compile(alone, trainset=trainset, valset=devset)


def search_for_best(program):
    mipro = dspy.MIPROv2(metric=exact, auto="light")
    return mipro.compile(program, trainset=trainset)


if __name__ == "__main__":
    dspy.BootstrapFewShotWithRandomSearch(metric=judged).compile(Pipeline(), trainset=trainset)
    dspy.BootstrapFinetune(metric=exact).compile(pipeline, trainset=trainset)
    tuned.save("compiled/alone.json")
