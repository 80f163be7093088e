"""The raw zone: where the files of a day lie, in a folder or in S3, how they are opened, how generated ones get there.

    YYYYMMDD/<domain>/<table>.csv (or .csv.gz, or .xlsx)
    YYYYMMDD/_partition.json   how a generated day was made, and a checksum of each of its files
    YYYYMMDD/_unfinished.json  in S3, while a generated day is being written

No other module knows these names.
"""

from database.raw_zone.deliveries import FileUnreadable, file_name, missing_files, partition_folder, raw_file
from database.raw_zone.opening import open_csv
from database.raw_zone.storing import remove_generated, store_partition

__all__ = [
    "FileUnreadable",
    "file_name",
    "missing_files",
    "open_csv",
    "partition_folder",
    "raw_file",
    "remove_generated",
    "store_partition",
]
