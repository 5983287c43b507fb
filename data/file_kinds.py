"""What a file is, told from its content, and what to do about one that is no table."""

import re
import zipfile

from data.report import FileRefusedError

_SAVE = "Save the table as CSV, .xlsx or Parquet"
# The first bytes of files that are not read, and what to do about each.
_OTHER_KINDS = (
    (rb"%PDF", f"a PDF. Ask for the table itself. {_SAVE}"),
    (rb"\x1f\x8b|BZh[1-9]1AY|\xfd7zXZ|7z\xbc\xaf|Rar!", "compressed. Unpack it first"),
    (rb"SQLite format 3", f"a database. {_SAVE}"),
    (rb"\x00\x01\x00\x00Standard (?:Jet|ACE) DB", f"an Access database. {_SAVE}"),
    (rb"MZ[^\n]{0,100}\x00|\x7fELF|\xcf\xfa\xed\xfe|\xca\xfe\xba\xbe", f"a program. {_SAVE}"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|BM....\x00\x00|II\*\x00|MM\x00\*", f"a picture. {_SAVE}"),
    (rb"\{\\rtf", f"a text document. {_SAVE}"),
    (
        rb"\$FL2|<stata_dta>|\x00{12}\xc2\xea\x81",
        f"a file of a statistics program. {_SAVE}",
    ),
)
# Streams inside the container that Office used before 2007 and still uses for passwords.
_OLD_OFFICE = (
    (
        "EncryptedPackage",
        "a workbook with a password. Open it in Excel, choose File > Info > Protect Workbook >"
        " Encrypt with Password, empty the box, and save it",
    ),
    (
        "Workbook",
        "an old Excel file (.xls). Open it in Excel and choose File > Save As, Excel Workbook"
        " (.xlsx)",
    ),
    (
        "Book",
        "an old Excel file (.xls). Open it in Excel and choose File > Save As, Excel Workbook"
        " (.xlsx)",
    ),
    ("WordDocument", f"a Word document. {_SAVE}"),
    ("PowerPoint Document", f"a presentation. {_SAVE}"),
    ("__substg1.0_", f"an e-mail. Save what is attached to it. {_SAVE}"),
)
_OLE = b"\xd0\xcf\x11\xe0"
_WEB_PAGE = re.compile(
    rb"\s*(?:<!doctype html|<html|<table|<\?xml|MIME-Version:)", re.IGNORECASE | re.ASCII
)
_IN_AN_ARCHIVE = (
    (
        "xl/workbook.bin",
        "a binary workbook (.xlsb). Open it in Excel and choose File > Save As, Excel Workbook"
        " (.xlsx)",
    ),
    ("word/", f"a Word document. {_SAVE}"),
    ("ppt/", f"a presentation. {_SAVE}"),
    ("Index/", "an Apple Numbers file. Choose File > Export To > Excel or CSV"),
    (
        "content.xml",
        "an OpenDocument file (.ods or .odt). Open it and save the table as .xlsx or CSV",
    ),
    ("", "an archive (.zip). Unpack it"),
)


def refuse_other_kinds(content: bytes) -> None:
    """Refuse a file that is neither text, nor a workbook, nor Parquet, saying what it is.

    Raises:
        FileRefusedError: If it is of a kind that is known and not read.
    """
    if content.startswith(_OLE):
        for name, what in _OLD_OFFICE:
            if name.encode("utf-16-le") in content:
                raise _refused(what)
        raise _refused(f"a file of an old office program. {_SAVE}")
    for start, what in _OTHER_KINDS:
        if re.match(start, content[:200], re.DOTALL):
            raise _refused(what)
    if _WEB_PAGE.match(content[:200].lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\x00", b"")):
        raise FileRefusedError.of(
            "not_text",
            "This is a web page or XML, whatever its name says; some systems call it .xls. Open it"
            " in Excel, choose File > Save As, Excel Workbook (.xlsx), and send that.",
        )


def refuse_other_archives(archive: zipfile.ZipFile) -> None:
    """Refuse an archive that is no .xlsx workbook, saying what it is.

    Raises:
        FileRefusedError: If it is none.
    """
    names = ["", *archive.namelist()]
    if "xl/workbook.xml" not in names:
        kinds = (what for part, what in _IN_AN_ARCHIVE if any(n.startswith(part) for n in names))
        raise _refused(next(kinds))


def _refused(what: str) -> FileRefusedError:
    return FileRefusedError.of("wrong_kind", f"This is {what}, and send it again.")
