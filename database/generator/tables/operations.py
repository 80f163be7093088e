"""Mock operations systems: users, their KYC checks, contacts with support, deliveries, and fraud alerts."""

from __future__ import annotations

import numpy as np
import polars as pl

from database.generator import effects
from database.generator.books import joined
from database.generator.company.alerts import CONFIRMED, RULES, alert_ids, alerts
from database.generator.company.alerts import STATUSES as ALERT_STATUSES
from database.generator.company.bank import movement_ids
from database.generator.company.fulfilment import CARRIERS, COUNTER, delivered, returned, shipped
from database.generator.company.orders import RETURN_REASONS, line_ids, returns
from database.generator.company.people import checks, mail_addresses, people, traits
from database.generator.company.stock import stock
from database.generator.company.support import TOPICS, contacts
from database.generator.day import DAY, Day, latest
from database.generator.frames import Columns, blank, dates, flags, ids, moments, money, pick
from database.generator.pools import REGIONS, pools

COUNTRIES, COUNTRY_SHARES = ("US", "CA", "MX", "GB"), (0.93, 0.03, 0.03, 0.01)
SIGNUP_CHANNELS = ("organic", "search", "social", "referral", "email", "store")
SIGNUP_SHARES = (0.28, 0.22, 0.20, 0.12, 0.08, 0.10)
DEVICES, DEVICE_SHARES = ("ios", "android", "desktop", "kiosk"), (0.34, 0.30, 0.28, 0.08)
STATUSES = ("pending", "completed", "rejected")
DOCUMENTS, DOCUMENT_SHARES = ("passport", "id_card", "driving_licence"), (0.22, 0.23, 0.55)
REASONS = ("document_unreadable", "name_mismatch", "sanctions_hit", "underage")
REASON_SHARES = (0.55, 0.30, 0.05, 0.10)
CHANNELS, CHANNEL_SHARES = ("phone", "email", "chat", "branch"), (0.38, 0.22, 0.30, 0.10)
MEAN_MINUTES = (7, 12, 9, 15)  # length of a contact, by channel
RESOLVED_SHARE, ANSWERED_SHARE = 0.78, 0.40
EVENTS = ("shipped", "delivered", "returned")
SCORES_RESOLVED, SCORES_OPEN = (0.03, 0.06, 0.16, 0.35, 0.40), (0.30, 0.30, 0.22, 0.12, 0.06)  # for 1 to 5


def users(day: Day) -> Columns:
    """Columns of operations.users: everyone registered by the end of the date, deleted ones included."""
    who, trait, pool, stream = people(day), traits(day), pools(day.seed), day.entities("users")
    first_mail, second_mail = mail_addresses(day)
    columns = {
        "user_id": ids("U", who.user_number, 7),
        "full_name": pick(pool.first_names, trait.first_name) + " " + pick(pool.last_names, trait.last_name),
        "email": second_mail.zip_with(pl.Series(who.mail_changed_at < day.end), first_mail),
        "country": pick(COUNTRIES, stream.choice("country", who.count, COUNTRY_SHARES)),
        "signup_channel": pick(SIGNUP_CHANNELS, stream.choice("channel", who.count, SIGNUP_SHARES)),
        "device": pick(DEVICES, stream.choice("device", who.count, DEVICE_SHARES)),
        "registered_at": moments(who.registered_at),
        "is_deleted": flags(who.deleted_at < day.end),
        "updated_at": moments(latest(day.end, who.registered_at, who.mail_changed_at, who.deleted_at)),
    }
    return {name: column.filter(pl.Series(who.is_user)) for name, column in columns.items()}


def onboarding(day: Day) -> Columns:
    """Columns of operations.onboarding: every application handed in by the end of the date."""
    who, check, stream = people(day), checks(day), day.entities("onboarding_details")
    decided = check.decided_at < day.end
    rejected = decided & check.is_rejected
    reason = pick(REASONS, stream.choice("reason", who.count, REASON_SHARES))
    columns = {
        "onboarding_id": ids("K", who.user_number, 7),
        "user_id": ids("U", who.user_number, 7),
        "kyc_status": pick(STATUSES, decided.astype(np.int64) + rejected),
        "document_type": pick(DOCUMENTS, stream.choice("document", who.count, DOCUMENT_SHARES)),
        "submitted_at": moments(check.submitted_at),
        "decided_at": blank(moments(check.decided_at), ~decided),
        "rejection_reason": blank(reason, ~rejected),
        "updated_at": moments(latest(day.end, check.submitted_at, check.decided_at)),
    }
    handed_in = pl.Series(check.submitted_at < day.end)
    return {name: column.filter(handed_in) for name, column in columns.items()}


def shipments(day: Day) -> Columns:
    """Columns of operations.shipments: the parcels, and the lines over the counter, that moved on the date."""
    by_event = (shipped(day), delivered(day), returned(day))
    event = np.repeat(np.arange(len(EVENTS)), [len(parcels.number) for parcels in by_event])
    moved = joined(by_event)
    at_counter, is_return = moved.carrier == COUNTER, event == EVENTS.index("returned")
    line = line_ids(moved.sold_day, moved.number)
    reason = np.concatenate([event[~is_return] * 0, returns(day).reason])
    return {
        "shipment_id": "H" + line.str.slice(1),
        "shipment_event": pick(EVENTS, event),
        "transaction_id": line,
        "sold_date": dates(moved.sold_day),
        "product_id": ids("P", moved.product + 1, 5),
        "store_id": ids("S", moved.store + 1, 4),
        "warehouse_region": pick(REGIONS, moved.region),
        "carrier": pick(CARRIERS, moved.carrier),
        "quantity": pl.Series(moved.quantity),
        "event_at": moments(moved.moved_at),
        "promised_date": blank(dates(moved.promised_day), at_counter),
        "shipping_cost_amount": money(np.where(event == EVENTS.index("delivered"), 0, moved.cost_cents)),
        "return_reason": blank(pick(RETURN_REASONS, reason), ~is_return),
    }


def inventory_levels(day: Day) -> Columns:
    """Columns of operations.inventory_levels: the stock of every product in every region, and what moved."""
    book = stock(day)
    counted_at = day.end - 30 * 60
    return {
        "product_id": ids("P", book.product + 1, 5),
        "warehouse_region": pick(REGIONS, book.region),
        "inventory_date": dates(book.product * 0 + day.start // DAY),
        "opening_units": pl.Series(book.opening),
        "received_units": pl.Series(book.received),
        "returned_units": pl.Series(book.returned),
        "shipped_units": pl.Series(book.shipped),
        "written_off_units": pl.Series(book.written_off),
        "closing_units": pl.Series(book.closing),
        "reorder_point_units": pl.Series(book.target),
        "unit_cost_amount": money(book.unit_cost_cents),
        "updated_at": moments(book.product * 0 + counted_at),
    }


def customer_interactions(day: Day) -> Columns:
    """Columns of operations.customer_interactions: the contacts that began on the date."""
    book, stream = contacts(day), day.events("interactions")
    count = len(book.customer)
    channel = stream.choice("channel", count, CHANNEL_SHARES)
    mean_seconds = 60 * np.array(MEAN_MINUTES)[channel]
    percent = stream.spread("duration", count, (10, 40, 65, 100, 145, 400))
    resolved = stream.happens("resolved", count, RESOLVED_SHARE)
    good = stream.choice("good_score", count, SCORES_RESOLVED)
    bad = stream.choice("bad_score", count, SCORES_OPEN)
    return {
        "interaction_id": ids(f"I{day.date:%Y%m%d}-", np.arange(1, count + 1), 7),
        "customer_id": ids("C", people(day).customer_number[book.customer], 7),
        "interaction_at": moments(day.event_times("interactions", count, effects.SUPPORT_HOURS)),
        "channel": pick(CHANNELS, channel),
        "topic": pick(TOPICS, book.topic),
        "duration_seconds": pl.Series(mean_seconds * percent // 100),
        "satisfaction_score": blank(
            pl.Series(1 + np.where(resolved, good, bad)), ~stream.happens("answered", count, ANSWERED_SHARE)
        ),
        "is_resolved": flags(resolved),
    }


def fraud_alerts(day: Day) -> Columns:
    """Columns of operations.fraud_alerts: the alerts that were raised or decided on the date."""
    book = alerts(day)
    return {
        "alert_id": alert_ids(book),
        "alert_status": pick(ALERT_STATUSES, book.status),
        "transaction_id": movement_ids(book.raised_day, book.movement),
        "account_id": ids("A", book.account, 8),
        "alert_rule": pick(RULES, book.rule),
        "risk_score": pl.Series(book.score),
        "event_at": moments(book.at),
        "loss_amount": blank(money(book.loss_cents), book.status != CONFIRMED),
    }
