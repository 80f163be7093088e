"""The mock generator: rows a second on one core, and memory, against a plain Faker loop and against bare numpy.

Each figure comes from a process of its own and counts its CPU time, imports excluded. All tables are made as typed
frames; they are not written. The first day of a process pays for the names and for the days before that it looks back
to; the days after it find most of that done.
"""

from __future__ import annotations

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any, TypeVar

from benchmarks.report import publish

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_DAY, SEED = date(2026, 3, 1), 42
SCALES = {1: 6, 100: 3}  # scale: days that are generated in one process
FEW_DAYS, MANY_DAYS = 5, 50
FAKER_ROWS = 3000
Result = TypeVar("Result")


@dataclass(frozen=True)
class Generated:
    """What one process has generated, and what it took."""

    rows: int  # of a day after the first, on average
    first_day_seconds: float
    day_seconds: float  # a day after the first, on average
    peak_memory_mb: float


def alone(function: Callable[..., Result], *arguments: Any) -> Result:
    """The function's result, from a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def generated(scale: float, days: int) -> Generated:
    """Generate consecutive days in this process."""
    from database.generator import generate

    seconds, rows = [], []
    for offset in range(days):
        started = time.process_time()
        frames = generate(FIRST_DAY + timedelta(days=offset), SEED, scale)
        seconds.append(time.process_time() - started)
        rows.append(sum(frame.height for frame in frames.values()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Generated(round(sum(rows[1:]) / (days - 1)), seconds[0], sum(seconds[1:]) / (days - 1), peak)


def draws_of_a_day(scale: float) -> list[int]:
    """How many random numbers each draw of a day after the first takes."""
    from database.generator import generate, randomness

    counts: list[int] = []
    uniform = randomness.Stream.uniform

    def counted(self: randomness.Stream, attribute: str, count: int) -> randomness.Floats:
        counts.append(count)
        return uniform(self, attribute, count)

    generate(FIRST_DAY, SEED, scale)
    randomness.Stream.uniform = counted  # type: ignore[method-assign]
    generate(FIRST_DAY + timedelta(days=1), SEED, scale)
    return counts


def numpy_seconds(counts: list[int]) -> float:
    """Time in which numpy draws as many random numbers in as many arrays."""
    import numpy as np

    generator = np.random.Generator(np.random.Philox(SEED))
    started = time.process_time()
    for count in counts:
        generator.random(count)
    return time.process_time() - started


def faker_rows_per_second() -> float:
    """Rows of sales_transactions that a plain loop makes with Faker, value by value."""
    from faker import Faker

    fake = Faker("en_US")
    fake.seed_instance(SEED)
    started = time.process_time()
    for number in range(FAKER_ROWS):
        price, quantity = fake.pydecimal(left_digits=3, right_digits=2, positive=True), fake.random_int(1, 5)
        _ = {
            "transaction_id": f"T{number:07}",
            "sold_at": fake.date_time_between("-1d"),
            "customer_id": fake.numerify("C#######"),
            "product_id": fake.numerify("P#####"),
            "store_id": fake.numerify("S####"),
            "channel": fake.random_element(("store", "web", "mobile", "phone")),
            "payment_method": fake.random_element(("card", "cash", "transfer", "wallet")),
            "card_account_id": fake.numerify("A########"),
            "quantity": quantity,
            "unit_price_amount": price,
            "discount_amount": price * fake.random_int(0, 20) / 100,
            "revenue_amount": price * quantity,
            "cost_amount": price * quantity * 8 / 10,
        }
    return FAKER_ROWS / (time.process_time() - started)


def measure() -> dict[str, Any]:
    """Every figure; seconds are CPU seconds."""
    figures: dict[str, Any] = {}
    faker = alone(faker_rows_per_second)
    for scale, days in SCALES.items():
        found, counts = alone(generated, scale, days), alone(draws_of_a_day, scale)
        limit = alone(numpy_seconds, counts)
        per_second = found.rows / found.day_seconds
        figures[f"scale_{scale}"] = {
            **{name: round(value, 4) for name, value in asdict(found).items()},
            "rows_per_second": round(per_second),
            "times_as_fast_as_faker": round(per_second / faker, 1),
            "random_numbers": sum(counts),
            "numpy_seconds": round(limit, 5),
            "times_numpy": round(found.day_seconds / limit, 1),
        }
    few, many = (alone(generated, 1, days).peak_memory_mb for days in (FEW_DAYS, MANY_DAYS))
    return figures | {
        "faker_rows_per_second": round(faker),
        "peak_memory_mb": {f"{FEW_DAYS}_days": round(few), f"{MANY_DAYS}_days": round(many)},
        "memory_ratio": round(many / few, 2),
    }


def main() -> None:
    """Command line: `python -m benchmarks.generate [--json]`."""
    import argparse

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure()
    rows = [["", *(f"scale {scale}" for scale in SCALES)]]
    for label, name, form in (
        ("rows of a day", "rows", ",.0f"),
        ("**rows a second on one core**", "rows_per_second", ",.0f"),
        ("a day, s", "day_seconds", ".2f"),
        ("the first day of a process, s", "first_day_seconds", ".2f"),
        ("times as fast as a plain Faker loop", "times_as_fast_as_faker", ".0f"),
        ("random numbers of a day", "random_numbers", ",.0f"),
        ("numpy alone draws them in, s", "numpy_seconds", ".4f"),
        ("times as long as that", "times_numpy", ".0f"),
        ("peak memory, MB", "peak_memory_mb", ",.0f"),
    ):
        values = [format(figures[f"scale_{scale}"][name], form) for scale in SCALES]
        rows.append([label, *values])
    memory = figures["peak_memory_mb"]
    few, many = memory[f"{FEW_DAYS}_days"], memory[f"{MANY_DAYS}_days"]
    rows.append([f"peak memory of {FEW_DAYS} and of {MANY_DAYS} days, MB", f"{few} and {many}", ""])
    publish("generate", figures, rows, as_json=arguments.json, keep=True)


if __name__ == "__main__":
    main()
