"""ZIP and tar files whose bytes depend on their contents alone."""

from __future__ import annotations

import datetime as dt
import gzip
import tarfile
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write(
    path: Path, files: Mapping[str, bytes], date: dt.date, first: Mapping[str, bytes] | None = None
) -> None:
    """Write files by name, all of one date; those in `first` stand first and uncompressed."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (first or {}).items():
            archive.writestr(_entry(name, date), content, zipfile.ZIP_STORED)
        for name, content in sorted(files.items()):
            archive.writestr(_entry(name, date), content, zipfile.ZIP_DEFLATED, compresslevel=9)


def write_tar(path: Path, files: Mapping[str, bytes], date: dt.date) -> None:
    """Write files by name, all of one date, as a compressed tar file."""
    written = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC).timestamp()
    with gzip.GzipFile(path, "wb", mtime=0) as packed, tarfile.open(None, "w", packed) as archive:
        for name, content in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime = len(content), int(written)
            archive.addfile(entry, BytesIO(content))


def _entry(name: str, date: dt.date) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (date.year, date.month, date.day, 0, 0, 0))
    entry.create_system = 3  # else it names the system that wrote it
    entry.external_attr = 0o644 << 16
    return entry
