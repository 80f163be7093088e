"""Names and places that rows pick from, built by Faker once per seed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from faker import Faker

REGION_STATES = {
    "West": ("CA", "WA", "OR", "AZ", "CO", "NV", "UT"),
    "South": ("TX", "FL", "GA", "NC", "VA", "TN"),
    "Midwest": ("IL", "OH", "MI", "MN", "WI", "MO"),
    "Northeast": ("NY", "PA", "MA", "NJ", "CT"),
}
REGIONS = tuple(REGION_STATES)
CITIES_PER_REGION = 15
FIRST_NAMES = 150  # of each gender
LAST_NAMES = 300
COMPANIES = 400
BRANDS = 42


@dataclass(frozen=True)
class Pools:
    """Parallel tuples: `cities[i]` lies in `states[i]`, has `postal_codes[i]`, and so on."""

    first_names: tuple[str, ...]  # FIRST_NAMES of women, then as many of men
    last_names: tuple[str, ...]
    first_slugs: tuple[str, ...]  # as written in mail addresses
    last_slugs: tuple[str, ...]
    companies: tuple[str, ...]
    brands: tuple[str, ...]
    cities: tuple[str, ...]  # CITIES_PER_REGION of each region, in the order of REGIONS
    states: tuple[str, ...]
    regions: tuple[str, ...]
    postal_codes: tuple[str, ...]


def _slugs(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(re.sub(r"[^a-z]", "", name.lower()) for name in names)


@cache
def pools(seed: int) -> Pools:
    """The pools of a seed; takes well under 0.3 s the first time."""
    fake = Faker("en_US", use_weighting=False)
    fake.seed_instance(seed)
    first = tuple(fake.first_name_female() for _ in range(FIRST_NAMES)) + tuple(
        fake.first_name_male() for _ in range(FIRST_NAMES)
    )
    last = tuple(fake.last_name() for _ in range(LAST_NAMES))
    regions = tuple(region for region in REGIONS for _ in range(CITIES_PER_REGION))
    states = tuple(fake.random_element(REGION_STATES[region]) for region in regions)
    return Pools(
        first_names=first,
        last_names=last,
        first_slugs=_slugs(first),
        last_slugs=_slugs(last),
        companies=tuple(fake.unique.company() for _ in range(COMPANIES)),
        brands=tuple(fake.unique.last_name() for _ in range(BRANDS)),
        cities=tuple(fake.unique.city() for _ in regions),
        states=states,
        regions=regions,
        postal_codes=tuple(fake.postcode_in_state(state) for state in states),
    )
