"""Fraud alerts: which purchases are noticed, by which rule, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen, joined
from database.generator.company.bank import movement_ids, spending
from database.generator.company.merchants import ring_of_merchant
from database.generator.company.movements import ONLINE, POSTED, PURCHASE, Movements, is_night
from database.generator.day import DAY, Day

if TYPE_CHECKING:
    import polars as pl

    from database.generator.randomness import Flags, Floats, Ints

RULES = ("night_online", "unusual_amount", "velocity", "ring", "random_review")
NIGHT_ONLINE, UNUSUAL_AMOUNT, VELOCITY, RING, RANDOM_REVIEW = range(len(RULES))
UNUSUAL_CENTS = 40_000
STATUSES = ("open", "confirmed", "dismissed")
OPEN, CONFIRMED, DISMISSED = range(len(STATUSES))
RAISING_MINUTES = (1, 30)  # after the purchase
DECIDING_HOURS = (9, 17)
RIGHT_SCORES, WRONG_SCORES = (55, 99), (30, 85)


@dataclass(frozen=True)
class Alerts:
    """What happens to alerts on a date; money in cents."""

    raised_day: Ints  # since the epoch: the day of the purchase
    movement: Ints  # number of the purchase on that day
    account: Ints
    rule: Ints
    score: Ints
    status: Ints  # OPEN, CONFIRMED or DISMISSED
    at: Ints
    loss_cents: Ints  # of a confirmed one: what was posted, 0 if the purchase was declined


def _rules(day: Day, book: Movements) -> Ints:
    """The rule that looks at each purchase."""
    is_online = book.channel == ONLINE
    looks = (
        is_online & (ring_of_merchant(day, book.merchant) >= 0),
        is_online & is_night(day, book.at),
        -book.cents >= UNUSUAL_CENTS,
    )
    return np.select(looks, (RING, NIGHT_ONLINE, UNUSUAL_AMOUNT), VELOCITY)


def _false_chances(rule: Ints, is_noticed: Flags, is_honest: Flags) -> Floats:
    """Chance of each honest purchase to raise an alert, such that each rule is as often right as planted."""
    precision = np.array([effects.ALERT_PRECISION[name] for name in RULES[:RANDOM_REVIEW]])
    noticed = np.bincount(rule[is_noticed], minlength=RANDOM_REVIEW)
    honest = np.bincount(rule[is_honest], minlength=RANDOM_REVIEW)
    chances: Floats = (noticed * (1 - precision) / precision / np.maximum(honest, 1))[rule]
    return chances


@lru_cache(maxsize=4)
def _raised(day: Day) -> tuple[Alerts, Ints, Ints]:
    """The alerts raised on `day`, what each turns out to be, and after how many days."""
    movements, stream = spending(day), day.events("alerts")
    number = np.flatnonzero(movements.kind == PURCHASE)
    book = chosen(movements, number)
    count, rule = len(number), _rules(day, book)
    recall = np.array([effects.ALERT_RECALL[name] for name in RULES[:RANDOM_REVIEW]])[rule]
    noticed = book.is_fraud & stream.happens("noticed", count, recall)
    mistaken = ~book.is_fraud & stream.happens("mistaken", count, _false_chances(rule, noticed, ~book.is_fraud))
    reviewed = ~noticed & ~mistaken & stream.happens("reviewed", count, effects.RANDOM_REVIEW_SHARE)
    right = stream.between("right_score", count, *RIGHT_SCORES)
    wrong = stream.between("wrong_score", count, *WRONG_SCORES)
    raised_at = book.at + 60 * stream.between("raised", count, *RAISING_MINUTES)
    alerts = Alerts(
        raised_day=np.full(count, day.start // DAY),
        movement=number + 1,
        account=book.account,
        rule=np.where(reviewed, RANDOM_REVIEW, rule),
        score=np.where(book.is_fraud, right, wrong),
        status=np.full(count, OPEN),
        at=np.minimum(raised_at, day.end - 1),
        loss_cents=np.where(book.is_fraud & (book.reason == POSTED), -book.cents, 0),
    )
    outcome = np.where(book.is_fraud, CONFIRMED, DISMISSED)
    days = np.array(effects.ALERT_DAYS)[stream.choice("days", count, effects.ALERT_DAYS_SHARES)]
    which = np.flatnonzero(noticed | mistaken | reviewed)
    return chosen(alerts, which), outcome[which], days[which]


def _decided(raised: Day, day: Day) -> Alerts:
    """The alerts of an earlier day that are decided on `day`."""
    book, outcome, days = _raised(raised)
    first, last = DECIDING_HOURS
    at = day.start + raised.events("alerts").between("decided", len(days), first * 3600, last * 3600 - 1)
    return chosen(replace(book, status=outcome, at=at), days == day.age - raised.age)


@lru_cache(maxsize=4)
def alerts(day: Day) -> Alerts:
    """What happens to alerts on `day`, in order of time: raised, or decided after some days."""
    raised_today, _, _ = _raised(day)
    opened = replace(raised_today, loss_cents=np.zeros(len(raised_today.at), dtype=np.int64))
    book = joined([opened, *(_decided(raised, day) for raised in day.before(effects.ALERT_DAYS))])
    return chosen(book, np.argsort(book.at, kind="stable"))


def alert_ids(book: Alerts) -> pl.Series:
    """Identifiers of alerts: that of the purchase, with another letter."""
    return "F" + movement_ids(book.raised_day, book.movement).str.slice(1)
