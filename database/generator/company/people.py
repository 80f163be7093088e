"""Everyone whom the company ever won: users, customers, or both, and what happens to them.

A person is a number. All draws follow from the seed and are made for a whole year's people at once; the state on a
date is their evaluation for those who have arrived by then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from database.generator import effects
from database.generator import pools as pool
from database.generator.books import chosen
from database.generator.day import DAY, NEVER, Day, epoch_day, people_curve
from database.generator.frames import pick
from database.generator.pools import pools

if TYPE_CHECKING:
    from database.generator.randomness import Flags, Floats, Ints, Stream

FOUNDERS = 20  # people there on the first day, at any scale
USER_ONLY, STORE_ONLY = 0.23, 0.16  # shares of the people; the rest are users who become customers
DELETING_SHARE = 0.25  # of the users without custom, and of those who left
APPLYING_SHARE = 0.95  # of the users, for the KYC check
REJECTED_SHARE = 0.10  # of the applications
APPLICATION_MINUTES = (1, 5, 20, 400, 5000)  # quantiles, from registration to application
DECISION_MINUTES = (5, 90, 720, 2000, 4300, 8600, 30000)  # quantiles, from application to decision
MOVING_SHARE = 0.25  # of the customers
GENDER_SHARES = (0.49, 0.48, 0.03)  # female, male, other
CHANNEL_SHARES = (0.38, 0.30, 0.24, 0.08)  # store, web, mobile, phone
SEGMENTS, SEGMENT_SHARES = ("consumer", "premium", "business"), (0.72, 0.20, 0.08)
MAIL_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True)
class People:
    """One element per person; moments in seconds since the epoch.

    A moment that is never reached is NEVER; one at or after the end of the date has not happened yet.
    """

    is_user: Flags  # has registered by the end of the date
    is_customer: Flags  # has signed up by the end of the date
    user_number: Ints
    customer_number: Ints
    registered_at: Ints
    signup_at: Ints
    left_at: Ints
    deleted_at: Ints
    mail_changed_at: Ints

    @property
    def count(self) -> int:
        """Number of people."""
        return len(self.registered_at)


@dataclass(frozen=True)
class Checks:
    """The know-your-customer check of each person; NEVER for those who don't apply."""

    submitted_at: Ints
    decided_at: Ints
    is_rejected: Flags


@dataclass(frozen=True)
class Traits:
    """Who each person is on the date; names and cities are indexes into the pools."""

    gender: Ints  # 0 female, 1 male, 2 other
    first_name: Ints
    last_name: Ints
    channel: Ints  # preferred: store, web, mobile, phone
    moved_at: Ints
    home: Ints

    @property
    def region(self) -> Ints:
        """Index of the region of residence."""
        return self.home // pool.CITIES_PER_REGION


def arrival_days(day: Day, name: str, founders: int, curve: Floats, scale: float) -> Ints:
    """Day since the company's start on which each entity arrives; NEVER if after `day`.

    `curve` holds how many have been won by the end of each day up to `day`, at scale 1. The entities are
    in order of arrival but for neighbours, so the last one may come tomorrow: it keeps its place.
    """
    count = int(curve[-1] * scale) + founders + 1
    jitter = day.entities(name).uniform("arrival", count)
    position = np.maximum(np.arange(count) - founders + jitter, 0.0) / scale
    arrival = np.searchsorted(curve, position)
    return np.where(arrival <= day.age, arrival, NEVER)


def _first_homes(day: Day, count: int) -> Ints:
    """City in which each person lives at first."""
    return day.entities("traits").between("home", count, 0, pool.CITIES_PER_REGION * len(pool.REGIONS) - 1)


def _leaving(day: Day, signup_at: Ints) -> Ints:
    """Moment at which each person leaves if a customer, by the hazard of each month and the first region."""
    stream, count = day.entities("people"), len(signup_at)
    later_months = effects.CHURN_MONTHS - len(effects.CHURN_HAZARD)
    hazard = np.array((*effects.CHURN_HAZARD, *[effects.CHURN_LATER] * later_months))
    factor = np.array([effects.REGION_CHURN[name] for name in pool.REGIONS])
    left_share = 1 - np.cumprod(1 - hazard * (factor / factor.mean())[:, None], axis=1)
    region = _first_homes(day, count) // pool.CITIES_PER_REGION
    draw = stream.uniform("leaves", count)
    month = np.choose(region, [np.searchsorted(shares, draw, side="right") for shares in left_share])
    days = 1 + month * effects.TENURE_MONTH_DAYS + stream.between("left_day", count, 0, effects.TENURE_MONTH_DAYS - 1)
    left_at = (signup_at // DAY + days) * DAY + stream.between("left_second", count, 0, DAY - 1)
    return np.where(month < effects.CHURN_MONTHS, left_at, NEVER)


def later(stream: Stream, attribute: str, moments: Ints, first: int, last: int) -> Ints:
    """For each moment one that is `first` to `last` days later, at any second."""
    return moments + stream.between(attribute, len(moments), first * DAY, last * DAY)


@lru_cache(maxsize=32)
def people(day: Day) -> People:
    """Everyone who has arrived by the end of `day`, in the order of arrival."""
    count = int(people_curve(np.array([day.age]))[0] * day.scale) + FOUNDERS + 1
    who = chosen(_people_of_year(day.year_end), slice(count))
    return replace(
        who,
        is_user=who.is_user & (who.registered_at < day.end),
        is_customer=who.is_customer & (who.signup_at < day.end),
    )


@lru_cache(maxsize=2)
def _people_of_year(day: Day) -> People:
    """Everyone who has arrived by the end of `day`; users and customers are those who ever become one."""
    arrival = arrival_days(day, "people", FOUNDERS, people_curve(np.arange(day.age + 1)), day.scale)
    stream, count = day.entities("people"), len(arrival)
    second = stream.between("arrival_second", count, 0, DAY - 1)
    arrived_at = np.where(arrival < NEVER, (epoch_day(day.company_start) + arrival) * DAY + second, NEVER)
    # Kinds of founders are evenly spaced, so that the first day has users, customers and accounts at any seed.
    number = np.arange(count)
    kind = np.where(number < FOUNDERS, number / FOUNDERS, stream.uniform("kind", count))
    is_user, is_buyer = kind < 1 - STORE_ONLY, kind >= USER_ONLY

    at_once = ~is_user | stream.happens("signs_up_at_once", count, 0.5)
    signup_at = np.where(at_once, arrived_at, later(stream, "signup", arrived_at, 1, 45))
    left_at = np.where(is_buyer, _leaving(day, signup_at), NEVER)

    # A customer deletes the login after leaving, others whenever they like.
    deletes = is_user & ((left_at < NEVER) | ~is_buyer) & stream.happens("deletes", count, DELETING_SHARE)
    deleted_at = later(stream, "deleted", np.where(is_buyer, left_at, arrived_at), 30, 500)
    deleted_at = np.where(deletes, deleted_at, NEVER)
    mail_changed_at = later(stream, "mail_changed", arrived_at, 40, 1500)
    changes_mail = stream.happens("changes_mail", count, 0.12) & (mail_changed_at < deleted_at)
    return People(
        is_user=is_user,
        is_customer=is_buyer,
        user_number=np.cumsum(is_user),
        customer_number=np.cumsum(is_buyer),
        registered_at=arrived_at,
        signup_at=signup_at,
        left_at=left_at,
        deleted_at=deleted_at,
        mail_changed_at=np.where(changes_mail, mail_changed_at, NEVER),
    )


def checks(day: Day) -> Checks:
    """The KYC checks of `people(day)`, element for element."""
    return chosen(_checks_of_year(day.year_end), slice(people(day).count))


@lru_cache(maxsize=2)
def _checks_of_year(day: Day) -> Checks:
    who, stream = _people_of_year(day), day.entities("onboarding")
    submitted_at = who.registered_at + 60 * stream.spread("submitted", who.count, APPLICATION_MINUTES)
    applies = who.is_user & stream.happens("applies", who.count, APPLYING_SHARE)
    applies &= submitted_at < who.deleted_at
    decided_at = submitted_at + 60 * stream.spread("decided", who.count, DECISION_MINUTES)
    return Checks(
        submitted_at=np.where(applies, submitted_at, NEVER),
        decided_at=np.where(applies, decided_at, NEVER),
        is_rejected=stream.happens("is_rejected", who.count, REJECTED_SHARE),
    )


@lru_cache(maxsize=8)
def traits(day: Day) -> Traits:
    """The traits of `people(day)`, element for element."""
    count, (at_first, next_home) = people(day).count, _traits_of_year(day.year_end)
    who = chosen(at_first, slice(count))
    return replace(who, home=np.where(who.moved_at < day.end, next_home[:count], who.home))


@lru_cache(maxsize=2)
def _traits_of_year(day: Day) -> tuple[Traits, Ints]:
    """The traits that people have at first, and the home of those who move."""
    who, stream = _people_of_year(day), day.entities("traits")
    cities = pool.CITIES_PER_REGION * len(pool.REGIONS)
    moved_at = later(stream, "moved", who.signup_at, 60, 1500)
    moves = stream.happens("moves", who.count, MOVING_SHARE) & (moved_at < who.left_at)
    moved_at = np.where(moves, moved_at, NEVER)
    first_home = _first_homes(day, who.count)
    next_home = (first_home + stream.between("next_home", who.count, 1, cities - 1)) % cities
    gender = stream.choice("gender", who.count, GENDER_SHARES)
    name_list = np.where(gender < len(GENDER_SHARES) - 1, gender, stream.between("list", who.count, 0, 1))
    at_first = Traits(
        gender=gender,
        first_name=name_list * pool.FIRST_NAMES + stream.between("first", who.count, 0, pool.FIRST_NAMES - 1),
        last_name=stream.between("last", who.count, 0, pool.LAST_NAMES - 1),
        channel=stream.choice("channel", who.count, CHANNEL_SHARES),
        moved_at=moved_at,
        home=first_home,
    )
    return at_first, next_home


def segments(day: Day) -> Ints:
    """Index into SEGMENTS for each of `people(day)`."""
    return _segments_of_year(day.year_end)[: people(day).count]


@lru_cache(maxsize=2)
def _segments_of_year(day: Day) -> Ints:
    return day.entities("segments").choice("segment", _people_of_year(day).count, SEGMENT_SHARES)


def mail_addresses(day: Day) -> tuple[pl.Series, pl.Series]:
    """First and second mail address of each of `people(day)`; the second serves after a change."""
    who, names = people(day), traits(day)
    first = pick(pools(day.seed).first_slugs, names.first_name)
    last = pick(pools(day.seed).last_slugs, names.last_name)
    number = pl.Series(np.arange(1, who.count + 1)).cast(pl.String)
    domain = day.entities("mail").between("domain", who.count, 0, len(MAIL_DOMAINS) - 1)
    box = first + "." + last + number + "@"
    return box + pick(MAIL_DOMAINS, domain), box + pick(MAIL_DOMAINS, (domain + 1) % len(MAIL_DOMAINS))
