"""A file becomes tables of text that keep the numbers the sender sees, or is refused.

Nothing is guessed about values here. Well-kept libraries do the parsing; the modules below this one
find out what to ask them, and refuse what they cannot be trusted with.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from data.file_kinds import refuse_other_kinds
from data.parquet_tables import ParquetTable
from data.report import FileRefusedError
from data.text_tables import TextTable, as_utf_8
from data.workbooks import WorkbookTable, open_workbook

MOST_BYTES = 200_000_000

Table = TextTable | WorkbookTable | ParquetTable


class Source:
    """One opened file.

    Attributes:
        sha256: The digest of its bytes.
        tables: Its sheets; a file that is no workbook is one, without a name.
    """

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            FileRefusedError: If it is not a file, too large, damaged, or not read here.
        """
        content = _bytes(path)
        with ThreadPoolExecutor(1) as pool:
            digest = pool.submit(hashlib.sha256, content)
            self.tables = _tables(content)
            self.sha256 = digest.result().hexdigest()


def _tables(content: bytes) -> Sequence[Table]:
    if content.startswith(b"PK\x03\x04"):
        return open_workbook(content)
    if content.startswith(b"PAR1"):
        return [ParquetTable(content)]
    return [TextTable(as_utf_8(content))]


def _bytes(path: Path) -> bytes:
    try:
        if not path.exists():
            raise FileRefusedError.of("no_such_file", "There is no such file.")
        if not path.is_file():
            raise FileRefusedError.of("not_a_file", "This is a folder, not a file.")
        if path.stat().st_size > MOST_BYTES:
            most = MOST_BYTES // 1_000_000
            raise FileRefusedError.of(
                "too_large", f"The file has more than {most} MB. Send it in parts, a year in each."
            )
        content = path.read_bytes()
    except OSError as error:
        raise FileRefusedError.of(
            "not_readable", f"The file cannot be read: {error.strerror}."
        ) from error
    if not content[:1000].strip() and not content.strip():
        raise FileRefusedError.of("empty_file", "The file is empty.")
    refuse_other_kinds(content)
    return content
