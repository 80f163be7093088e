"""Books: frozen dataclasses of parallel arrays, one element for each thing that the book lists."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from database.generator.randomness import Flags, Ints

Book = TypeVar("Book")


def columns(book: Any) -> dict[str, Any]:
    """The arrays of a book by name."""
    return {field.name: getattr(book, field.name) for field in fields(book)}


def joined(books: Sequence[Book]) -> Book:
    """What the books list, one after the other; they are of one kind, and there is at least one."""
    parts = [columns(book) for book in books]
    return type(books[0])(**{name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def chosen(book: Book, which: Ints | Flags | slice) -> Book:
    """The elements at the indexes, where the flags are true, or in the slice."""
    return type(book)(**{name: column[which] for name, column in columns(book).items()})
