"""The device a measurement was made on, by name."""

from benchmarks.search.device import device as processor


def device_name(device: str) -> str:
    if device == "cpu":
        return processor()
    import torch

    return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
