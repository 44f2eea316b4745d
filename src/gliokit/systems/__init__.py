"""Published systems, one file each, behind one interface; and the baselines they must beat.

In: a `TrainingSet`, which holds no test patient, then `Inputs`, which hold no target. Out: an
`Answer`, and what was found on the way.
"""

from gliokit.systems.answer import (
    Answer,
    Associations,
    ClassProbabilities,
    Detection,
    Detections,
    Finding,
    LabelMaps,
    Risk,
    SurvivalCurves,
    VoxelMap,
    VoxelMaps,
)
from gliokit.systems.card import PaperFigure, SystemCard
from gliokit.systems.folding import dealt_folds
from gliokit.systems.inputs import Images, Inputs
from gliokit.systems.mask_target import MaskTarget
from gliokit.systems.needs import Needs, check_needs, check_training_needs, missing_inputs
from gliokit.systems.registry import (
    ASSOCIATIONS,
    BASELINES,
    SKELETONS,
    SYSTEMS,
    find_association,
    find_system,
    list_cards,
    list_systems,
    load_fitted,
)
from gliokit.systems.system import AssociationSystem, Budget, Fitted, System
from gliokit.systems.target import ClassTarget, SurvivalTarget, Target
from gliokit.systems.training_set import TrainingSet

__all__ = [
    "ASSOCIATIONS",
    "BASELINES",
    "SKELETONS",
    "SYSTEMS",
    "Answer",
    "AssociationSystem",
    "Associations",
    "Budget",
    "ClassProbabilities",
    "ClassTarget",
    "Detection",
    "Detections",
    "Finding",
    "Fitted",
    "Images",
    "Inputs",
    "LabelMaps",
    "MaskTarget",
    "Needs",
    "PaperFigure",
    "Risk",
    "SurvivalCurves",
    "SurvivalTarget",
    "System",
    "SystemCard",
    "Target",
    "TrainingSet",
    "VoxelMap",
    "VoxelMaps",
    "check_needs",
    "check_training_needs",
    "dealt_folds",
    "find_association",
    "find_system",
    "list_cards",
    "list_systems",
    "load_fitted",
    "missing_inputs",
]
