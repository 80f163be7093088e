"""What a real delivery gets wrong, planted in generated files, with a record of each.

Everything follows from the contracts: a kind that a table offers no place for is not planted there. A
snapshot loses no entity by the fault of a row, and no table a row that another table may refer to, so one
fault never makes a second one elsewhere. Only the fault of a file takes rows away.
"""

from database.generator.faults.files import FileFault, plant_file_fault
from database.generator.faults.references import References
from database.generator.faults.rows import HEADER_LINES, RowFault, Table, plant_row_faults
from database.generator.faults.values import csv_text
from database.generator.faults.withdrawals import Withdrawn, withdraw

__all__ = [
    "HEADER_LINES",
    "FileFault",
    "References",
    "RowFault",
    "Table",
    "Withdrawn",
    "csv_text",
    "plant_file_fault",
    "plant_row_faults",
    "withdraw",
]
