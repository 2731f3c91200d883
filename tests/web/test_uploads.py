"""Uploads: what a file is follows from its content, never from its name; nothing dangerous is stored or shown."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore

from market.kernel.clock import FixedClock
from market.kernel.db import fetch_value
from market.kernel.errors import NotFound, Refusal
from market.kernel.files import ALLOWED, check_upload, content_of, keep, open_store, stored
from market.kernel.ids import new_id
from market.kernel.settings import Settings

MEGABYTE = 1024 * 1024
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\x00" * 20
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb0043") + b"\x00" * 64 + b"\xff\xd9"


def archive(*members: tuple[str, bytes], stored_whole: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored_whole else zipfile.ZIP_DEFLATED) as made:
        for name, content in members:
            made.writestr(name, content)
    return file.getvalue()


DOCX = archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>"))
XLSX = archive(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))


def refused(name: str, content: bytes, limit: int = MEGABYTE) -> str:
    with pytest.raises(Refusal) as refusal:
        check_upload(name, content, limit=limit)
    return refusal.value.code


@pytest.mark.parametrize(
    ("name", "content"),
    [("报告.pdf", PDF), ("scan.PNG", PNG), ("photo.jpg", JPEG), ("photo.jpeg", JPEG), ("letter.docx", DOCX), ("table.xlsx", XLSX),
     ("all.zip", archive(("a.pdf", PDF)))],
)  # fmt: skip
def test_what_people_send_is_accepted(name: str, content: bytes) -> None:
    upload = check_upload(name, content, limit=MEGABYTE)
    assert upload.name == name
    assert any(name.lower().endswith(ending) for ending in ALLOWED[upload.media_type])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("invoice.pdf", b"<html><script>alert(1)</script></html>"),
        ("invoice.pdf", b"#!/bin/sh\nrm -rf /\n"),
        ("invoice.pdf", b"MZ\x90\x00" + b"\x00" * 200),
        ("invoice.pdf", b"\x7fELF" + b"\x00" * 200),
        ("picture.png", b'<svg xmlns="http://www.w3.org/2000/svg" onload="x()"/>'),
        ("picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("picture.png", JPEG),
        ("report.pdf", DOCX),
        ("report.docx", PDF),
        ("report.docx", XLSX),
        ("report.docx", archive(("a.txt", b"a"))),
        ("report.html", PDF),
        ("report.pdf.exe", PDF),
        ("report", PDF),
        ("pdf", PDF),
        (".pdf", b"PK\x03\x04broken"),
        ("all.zip", b"PK\x03\x04" + b"\xff" * 500),
    ],
)
def test_name_and_content_must_agree(name: str, content: bytes) -> None:
    assert refused(name, content) == "file.type"


def test_an_empty_file_is_refused() -> None:
    assert refused("a.pdf", b"") == "file.empty"


def test_the_limit_is_the_last_byte_that_fits() -> None:
    assert check_upload("a.pdf", PDF, limit=len(PDF)).content == PDF
    assert refused("a.pdf", PDF + b"\n", limit=len(PDF)) == "file.too_large"


def test_a_bomb_is_refused_without_unpacking_it() -> None:
    assert refused("all.zip", archive(("zeros", b"\x00" * 30 * MEGABYTE))) == "file.bomb"


def test_a_bomb_that_hides_in_an_office_file_is_refused() -> None:
    content = archive(("word/document.xml", b"\x00" * 30 * MEGABYTE))
    assert refused("letter.docx", content) == "file.bomb"


def test_archives_within_archives_are_refused() -> None:
    assert refused("all.zip", archive(("inner.ZIP", archive(("a.pdf", PDF))))) == "file.bomb"


def test_pictures_that_unfold_to_something_monstrous_are_refused() -> None:
    """30,000 by 30,000 points of one colour fit into a few kilobytes, and into 3.6 gigabytes of memory."""
    side = struct.pack(">I", 30_000)
    assert refused("photo.png", PNG[:16] + side + side + PNG[24:]) == "file.bomb"
    for length, code in ((30_000, "file.bomb"), (4_000, "")):
        frame = b"\xff\xc2" + struct.pack(">HBHHB", 17, 8, length, length, 3) + b"\x01\x22\x00" * 3
        content = JPEG[:20] + frame + JPEG[20:]
        assert (refused("photo.jpg", content) if code else "") == code
        if not code:
            assert check_upload("photo.jpg", content, limit=MEGABYTE).media_type == "image/jpeg"


def test_an_archive_that_lies_about_its_size_is_judged_by_what_it_says() -> None:
    """Nothing of ours unpacks archives; the check is for those who will."""
    content = bytearray(archive(("a", b"x" * 1000), stored_whole=True))
    place = content.rfind(b"PK\x01\x02")
    content[place + 24 : place + 28] = struct.pack("<I", 500 * MEGABYTE)
    assert refused("all.zip", bytes(content)) == "file.bomb"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("../../etc/passwd.pdf", ".._.._etc_passwd.pdf"), ("C:\\x\\y.pdf", "C_x_y.pdf"), ("a\r\nSet-Cookie: x.pdf", "a_Set-Cookie_ x.pdf"),
     ('"quoted".pdf', "_quoted_.pdf"), ("a\x00.pdf", "a_.pdf"), ("  报告 .pdf ", "报告 .pdf")],
)  # fmt: skip
def test_unsafe_names_are_made_safe(sent: str, kept: str) -> None:
    assert check_upload(sent, PDF, limit=MEGABYTE).name == kept


def test_long_names_keep_their_ending() -> None:
    assert check_upload("长" * 300 + ".pdf", PDF, limit=MEGABYTE).name == "长" * 116 + ".pdf"


@given(st.text(max_size=200), st.binary(max_size=400))
def test_no_file_does_more_than_be_refused(name: str, content: bytes) -> None:
    try:
        upload = check_upload(name, content, limit=300)
    except Refusal:
        return
    assert upload.media_type in ALLOWED


@given(st.text(max_size=200))
def test_no_name_can_leave_its_folder_or_its_header(name: str) -> None:
    try:
        kept = check_upload(name + ".pdf", PDF, limit=MEGABYTE).name
    except Refusal:
        return
    assert not set(kept) & set('/\\\r\n"\x00')
    assert len(kept) <= 120


# Storage


async def test_what_was_stored_comes_back_byte_for_byte(database: str, settings: Settings, clock: FixedClock) -> None:
    store = open_store(settings)
    upload = check_upload("报告.pdf", PDF, limit=MEGABYTE)
    file = await keep(store, upload, owner=new_id(), by=new_id(), now=clock.now())
    assert await stored(file.id) == file
    assert b"".join([chunk async for chunk in await content_of(store, file)]) == PDF
    assert (file.size, file.sha256) == (len(PDF), upload.sha256)


async def test_an_unknown_file_is_not_found(database: str) -> None:
    with pytest.raises(NotFound):
        await stored(new_id())


async def test_a_disk_that_fails_leaves_no_row(database: str, tmp_path: Path, clock: FixedClock) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    store = LocalStore(str(gone))
    gone.rmdir()
    gone.write_text("a file where the folder was")
    with pytest.raises(Refusal) as refusal:
        await keep(store, check_upload("a.pdf", PDF, limit=MEGABYTE), owner=new_id(), by=new_id(), now=clock.now())
    assert refusal.value.code == "file.storage"
    assert await fetch_value("SELECT count(*) FROM stored_file") == 0
