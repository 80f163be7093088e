"""The tie-outs: what several systems tell of the same thing must agree, item by item, before readers see it."""

from include.quality.tie_outs.comparison import judge
from include.quality.tie_outs.declarations import TIE_OUTS
from include.quality.tie_outs.tie_out import Side, TieOut

__all__ = ["TIE_OUTS", "Side", "TieOut", "judge"]
