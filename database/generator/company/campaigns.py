"""Marketing campaigns, whom they touch, and what that does to the customers' purchases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from database.generator import effects
from database.generator.books import chosen
from database.generator.company.people import SEGMENT_SHARES, people, segments
from database.generator.day import DAY, Day, epoch_day, latest

if TYPE_CHECKING:
    from database.generator.randomness import Flags, Floats, Ints

CHANNELS = tuple(effects.CAMPAIGN_LIFT)
OBJECTIVES = ("acquisition", "retention", "promotion", "reactivation")
OBJECTIVE_SHARES = (0.0, 0.40, 0.40, 0.20)  # touches are of known customers: nobody to acquire
PROMOTION = OBJECTIVES.index("promotion")
AUDIENCES, AUDIENCE_SHARES = ("all", "consumer", "premium", "business"), (0.45, 0.30, 0.15, 0.10)
EVERYONE = AUDIENCES.index("all")  # audience i is segment i - 1
STATUSES = ("planned", "running", "ended")
START_EVERY = 5  # days; four to five weeks between two campaigns of one channel, which never overlap
PLANNED_AHEAD = 14  # days
FEWEST_DAYS, MOST_DAYS = 19, 21  # that a campaign runs: three to five run at any time
AB_TEST_EVERY = 10  # campaigns; all of them by email
REACHED_SHARE = 0.6  # of the audience, once in the campaign
HELD_BACK_SHARE = 0.5  # of those whom an A/B test reaches
TOUCH_CENTS = ((1, 3), (4, 7), (15, 60), (40, 160), (70, 120))  # fewest and most, by channel
DELIVERED_SHARES = (0.94, 0.97, 0.80, 0.90, 0.92)  # by channel
OPENED_SHARES = (0.32, 0.75, 0.22, 0.60, 0.45)  # of what is delivered
CLICKED_SHARES = (0.15, 0.10, 0.12, 0.45, 0.03)  # of what is opened
BUDGET_PCT = (95, 125)  # of the expected cost of the touches, fewest and most
TOUCH_HOURS = (0, 0, 0, 0, 0, 0, 1, 3, 8, 14, 14, 10, 9, 8, 8, 8, 9, 12, 14, 10, 5, 2, 0, 0)


@dataclass(frozen=True)
class Campaigns:
    """The campaigns planned by the end of the date, in order of their start; campaign i has number i + 1."""

    channel: Ints
    objective: Ints
    audience: Ints
    is_ab_test: Flags
    discount_pct: Ints  # promised; 0 means none
    start_day: Ints  # since the epoch
    end_day: Ints  # the last one
    budget_cents: Ints
    status: Ints
    updated_at: Ints


@dataclass(frozen=True)
class Touches:
    """The touches of a day, in order of time, those held back included."""

    campaign: Ints  # index into `campaigns(day)`
    customer: Ints  # index into `people(day)`
    touched_at: Ints  # seconds since the epoch
    channel: Ints
    is_ab_test: Flags
    is_control: Flags
    is_delivered: Flags
    is_opened: Flags
    is_clicked: Flags
    discount_pct: Ints
    cost_cents: Ints


@lru_cache(maxsize=4)
def campaigns(day: Day) -> Campaigns:
    """The campaigns of a day."""
    stream, count = day.entities("campaigns"), (day.age + PLANNED_AHEAD) // START_EVERY + 1
    number = np.arange(count)
    start_day = epoch_day(day.company_start) + START_EVERY * number + stream.between("start", count, 0, START_EVERY - 1)
    length = stream.between("length", count, FEWEST_DAYS, MOST_DAYS)
    channel, is_ab_test = number % len(CHANNELS), number % AB_TEST_EVERY == 0
    audience = np.where(is_ab_test, EVERYONE, stream.choice("audience", count, AUDIENCE_SHARES))
    objective = np.where(is_ab_test, PROMOTION, stream.choice("objective", count, OBJECTIVE_SHARES))
    percent = np.array(effects.DISCOUNT_PCT)[stream.between("percent", count, 0, len(effects.DISCOUNT_PCT) - 1)]
    percent = np.where(is_ab_test, effects.AB_TEST_DISCOUNT_PCT, percent)

    planned_at = (start_day - PLANNED_AHEAD) * DAY + stream.between("planned", count, 9 * 3600, 17 * 3600)
    started_at, ended_at = start_day * DAY, (start_day + length) * DAY
    plan = Campaigns(
        channel=channel,
        objective=objective,
        audience=audience,
        is_ab_test=is_ab_test,
        discount_pct=np.where(objective == PROMOTION, percent, 0),
        start_day=start_day,
        end_day=start_day + length - 1,
        budget_cents=_budgets(day, channel, audience, is_ab_test),
        status=(started_at < day.end).astype(np.int64) + (ended_at < day.end),
        updated_at=latest(day.end, planned_at, started_at, ended_at),
    )
    return chosen(plan, planned_at < day.end)


def _budgets(day: Day, channel: Ints, audience: Ints, is_ab_test: Flags) -> Ints:
    """Budget of each campaign in cents, whole dollars: about what reaching a thousand customers costs."""
    share = np.array((1.0, *SEGMENT_SHARES))[audience] * np.where(is_ab_test, 1 - HELD_BACK_SHARE, 1.0)
    cents = np.array(TOUCH_CENTS).mean(axis=1)[channel] * 1000 * day.scale * REACHED_SHARE * share
    percent = day.entities("campaigns").between("budget", len(channel), *BUDGET_PCT)
    dollars: Ints = 1 + np.floor(cents * percent / 10_000).astype(np.int64)
    return 100 * dollars


def _reached(day: Day, campaign: int) -> tuple[Ints, Flags]:
    """Whom a running campaign reaches on `day` (indexes into people), and which of them it holds back.

    Everybody in the audience has one day of the campaign, or none; who has left by then is not touched.
    """
    plan, who, stream = campaigns(day), people(day), day.entities(f"campaign.{campaign}")
    length = int(plan.end_day[campaign] - plan.start_day[campaign]) + 1
    turn = np.floor(stream.uniform("turn", who.count) * length / REACHED_SHARE).astype(np.int64)
    is_turn = turn == day.start // DAY - plan.start_day[campaign]
    if plan.audience[campaign] != EVERYONE:
        is_turn &= segments(day) == plan.audience[campaign] - 1
    reached = np.flatnonzero(is_turn & who.is_customer & (who.left_at >= day.end))
    held_back = stream.only(reached).happens("held_back", len(reached), HELD_BACK_SHARE)
    return reached, held_back & plan.is_ab_test[campaign]


@lru_cache(maxsize=32)
def touches(day: Day) -> Touches:
    """The touches of a day."""
    plan, stream = campaigns(day), day.events("touches")
    running = np.flatnonzero(STATUSES.index("running") == plan.status).tolist()
    reached = [(np.array([], dtype=np.int64), np.array([], dtype=np.bool_)), *(_reached(day, c) for c in running)]
    customer, is_control = (np.concatenate(parts) for parts in zip(*reached, strict=True))
    campaign = np.repeat(np.array([0, *running]), [len(people_reached) for people_reached, _ in reached])
    count = len(campaign)
    shuffled = np.argsort(stream.uniform("order", count), kind="stable")
    campaign, customer, is_control = campaign[shuffled], customer[shuffled], is_control[shuffled]

    channel = plan.channel[campaign]
    delivered = ~is_control & stream.happens("delivered", count, np.array(DELIVERED_SHARES)[channel])
    opened = delivered & stream.happens("opened", count, np.array(OPENED_SHARES)[channel])
    lowest, highest = np.array(TOUCH_CENTS)[channel].T
    cents = lowest + np.floor(stream.uniform("cents", count) * (highest - lowest + 1)).astype(np.int64)
    return Touches(
        campaign=campaign,
        customer=customer,
        touched_at=day.event_times("touches", count, TOUCH_HOURS),
        channel=channel,
        is_ab_test=plan.is_ab_test[campaign],
        is_control=is_control,
        is_delivered=delivered,
        is_opened=opened,
        is_clicked=opened & stream.happens("clicked", count, np.array(CLICKED_SHARES)[channel]),
        discount_pct=plan.discount_pct[campaign],
        cost_cents=np.where(is_control, 0, cents),
    )


def _influential(day: Day) -> list[Touches]:
    """The touches of the days that still influence purchases on `day`, earliest first."""
    before = range(min(effects.LIFT_DAYS, day.age), 0, -1)
    return [touches(day.on(day.date - timedelta(days=days))) for days in before]


def lift(day: Day) -> Floats:
    """Factor on what each of `people(day)` buys on `day`, from the touches delivered before."""
    factor = np.ones(people(day).count)
    by_channel = np.array(list(effects.CAMPAIGN_LIFT.values()))
    for past in _influential(day):
        effect = np.where(past.is_ab_test, effects.AB_TEST_LIFT, by_channel[past.channel])
        np.multiply.at(factor, past.customer[past.is_delivered], effect[past.is_delivered])
    return factor


def promised_discounts(day: Day) -> Ints:
    """Discount in percent that a promotion delivered before has promised each of `people(day)`; 0 means none."""
    percent = np.zeros(people(day).count, dtype=np.int64)
    for past in _influential(day):
        promised = past.is_delivered & (past.discount_pct > 0)
        percent[past.customer[promised]] = past.discount_pct[promised]
    return percent
