"""Counter-based randomness: every draw is a function of seed, stream and attribute, never of what ran before.

Only `+ - * /`, floor and comparisons touch the draws: the last bit of `exp`, `log`, a power or a product of matrices
differs between processors, and files must be byte-identical on all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stream:
    """Draws for one kind of thing: an entity type (part empty) or a table on one day (part = the date).

    Each attribute has its own Philox key, so a new attribute changes no other, and the first n draws do not
    depend on how many follow: entity 17 is the same person in a list of 20 and of 20,000.
    """

    seed: int
    name: str
    part: str = ""
    members: Ints | None = None

    def only(self, members: Ints) -> Stream:
        """The draws that these members of the list have, in this order; `count` is then their number."""
        return replace(self, members=members)

    def uniform(self, attribute: str, count: int) -> Floats:
        """`count` numbers in [0, 1)."""
        text = f"{self.seed}|{self.name}|{self.part}|{attribute}"
        key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
        generator = np.random.Generator(np.random.Philox(key=key))
        if self.members is None:
            return generator.random(count)
        return generator.random(int(self.members.max(initial=-1)) + 1)[self.members]

    def happens(self, attribute: str, count: int, share: float | Floats) -> Flags:
        """`count` booleans, true with probability `share` (one for all, or one for each)."""
        return self.uniform(attribute, count) < share

    def between(self, attribute: str, count: int, low: int, high: int) -> Ints:
        """`count` integers from `low` to `high`, both included."""
        return low + np.floor(self.uniform(attribute, count) * (high - low + 1)).astype(np.int64)

    def choice(self, attribute: str, count: int, weights: Sequence[float] | Floats) -> Ints:
        """`count` indexes into `weights`, each drawn in proportion to its weight; zero is never drawn."""
        edges = np.cumsum(np.asarray(weights, dtype=np.float64))
        found: Ints = np.searchsorted(edges, self.uniform(attribute, count) * edges[-1], side="right")
        return found

    def spread(self, attribute: str, count: int, quantiles: Sequence[float]) -> Ints:
        """`count` integers from a distribution given by its evenly spaced quantiles, minimum to maximum."""
        position = self.uniform(attribute, count) * (len(quantiles) - 1)
        low = np.floor(position).astype(np.int64)
        points = np.asarray(quantiles, dtype=np.float64)
        return np.floor(points[low] + (points[low + 1] - points[low]) * (position - low)).astype(np.int64)
