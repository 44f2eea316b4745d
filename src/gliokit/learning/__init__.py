"""Training: examples, augmentation, loss, loop, checkpoints, export to ONNX.

In: a `Cohort` with expert label maps. Out: a model folder that `inference/` runs.
Needs the extra `[train]`; the settings alone can be made without it.
"""

from gliokit.learning.settings import AugmentationSettings, EarlyStopping, TrainingSettings

__all__ = ["AugmentationSettings", "EarlyStopping", "TrainingSettings"]
