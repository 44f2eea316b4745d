"""From how a tumour is to look to what the simulator is asked for."""

from __future__ import annotations

from gliokit.phantom.population.phenotype import Phenotype
from gliokit.phantom.settings import TumourSettings

__all__ = ["tumour_settings"]

# The most that the simulator makes; above it there is no living core.
MOST_NECROSIS = 0.8
FOCI = {False: 1, True: 2}


def tumour_settings(look: Phenotype) -> TumourSettings:
    """A tumour that looks so.

    Blood volume and diffusivity are no matter of the structural images: the simulators of
    perfusion and diffusion make them from density of cells and vessels. How far cells
    wander (D) follows from the margin's sharpness and from how fast they divide: the same
    front at another speed.

    Args:
        look: Its `enhancement_share` is of the core, that of the settings of the living
            core.
    """
    necrosis = min(look.necrosis_share, MOST_NECROSIS)
    alive = 1 - necrosis
    return TumourSettings(
        whole_ml=look.whole_ml,
        core_fraction=look.core_share,
        necrotic_fraction=necrosis,
        side=look.side,
        lobe=look.lobe,
        foci=FOCI[look.multifocal],
        enhancement_share=min(look.enhancement_share / alive, 1.0),
        margin_sharpness=look.margin_sharpness,
        mismatch=look.mismatch,
        heterogeneity=look.heterogeneity,
        calcification=look.calcification,
        cortical=look.cortical,
        haemorrhage=0.0,
        proliferation_per_day=look.proliferation_per_day,
    )
