"""A file that is no table is named for what it is, with what to do about it."""

import io
import zipfile
from pathlib import Path

import pytest

from data.reading import Source
from data.report import FileRefusedError


def archive(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as whole:
        for name in names:
            whole.writestr(name, "x")
    return stream.getvalue()


def old_office(stream: str) -> bytes:
    """Return what begins like an old Office file and names one stream in its directory."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500) + stream.encode("utf-16-le") + bytes(50)


KINDS = {
    "password.xlsx": (old_office("EncryptedPackage"), "with a password", "Protect Workbook"),
    "old.xls": (old_office("Workbook"), "old Excel file (.xls)", "Excel Workbook (.xlsx)"),
    "older.xls": (old_office("Book"), "old Excel file (.xls)", "Excel Workbook (.xlsx)"),
    "letter.doc": (old_office("WordDocument"), "Word document", "Save the table as CSV"),
    "mail.msg": (old_office("__substg1.0_0037001F"), "an e-mail", "attached"),
    "what.bin": (old_office("Nothing known"), "old office program", "Save the table as CSV"),
    "binary.xlsb": (archive("xl/workbook.bin"), "(.xlsb)", "Excel Workbook (.xlsx)"),
    "letter.docx": (archive("word/document.xml"), "Word document", "Save the table as CSV"),
    "talk.pptx": (archive("ppt/presentation.xml"), "presentation", "Save the table as CSV"),
    "table.ods": (archive("mimetype", "content.xml"), "OpenDocument", ".xlsx or CSV"),
    "table.numbers": (archive("Index/Document.iwa"), "Apple Numbers", "Export To"),
    "files.zip": (archive("counts.csv"), "an archive (.zip)", "Unpack"),
    "files.gz": (b"\x1f\x8b\x08\x00abc", "compressed", "Unpack"),
    "files.7z": (b"7z\xbc\xaf\x27\x1cabc", "compressed", "Unpack"),
    "report.pdf": (b"%PDF-1.7\n", "a PDF", "Ask for the table"),
    "program.csv": (b"MZ\x90\x00\x03" + bytes(500), "a program", "Save the table"),
    "picture.csv": (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture", "Save the table"),
    "photo.csv": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a picture", "Save the table"),
    "base.csv": (b"SQLite format 3\x00", "a database", "Save the table"),
    "base.accdb": (b"\x00\x01\x00\x00Standard ACE DB\x00", "Access", "Save the table"),
    "survey.sav": (b"$FL2@(#) SPSS", "statistics program", "Save the table"),
    "letter.rtf": (b"{\\rtf1\\ansi", "text document", "Save the table"),
    "page.xls": (b"\r\n<HTML><table>", "web page or XML", "Open it in Excel"),
    "sheet.xls": (b'<?xml version="1.0"?><Workbook>', "web page or XML", "Open it in Excel"),
    "wide.xls": ("<html><body>".encode("utf-16"), "web page or XML", "Open it in Excel"),
}


@pytest.mark.parametrize(("content", "what", "advice"), KINDS.values(), ids=KINDS.keys())
def test_a_file_of_another_kind_is_named_with_what_to_do(
    tmp_path: Path, content: bytes, what: str, advice: str
) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(content)

    with pytest.raises(FileRefusedError) as raised:
        Source(path)

    (problem,) = raised.value.problems
    assert problem.rule in ("wrong_kind", "not_text")
    assert what in problem.message
    assert advice in problem.message


@pytest.mark.parametrize("content", [b"MZ,month\n1,2\n", b"BM,month\n", b"GIF,month\n", b"7z,a\n"])
def test_a_table_whose_first_column_is_named_like_one_of_them_is_a_table(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "counts.csv"
    path.write_bytes(content)

    assert len(Source(path).tables) == 1
