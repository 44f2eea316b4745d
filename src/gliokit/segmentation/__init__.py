"""A prepared study -> the tumour's regions, by the house segmenter.

In: a `PreparedStudy` and a `Model`. Out: a `Segmentation`.
"""

from gliokit.segmentation.result import Segmentation
from gliokit.segmentation.segmenter import QUALITIES, Quality, labels_of, segment

__all__ = ["QUALITIES", "Quality", "Segmentation", "labels_of", "segment"]
