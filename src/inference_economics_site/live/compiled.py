"""Sources in archives compiled beforehand, by the Python that will run them.

A browser keeps nothing that Python compiles: each start would compile IPython and half of the
standard library anew. `compile.mjs` runs this file in the browser's own Python.
"""

from __future__ import annotations

import py_compile
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

_DATE = (1980, 1, 1, 0, 0, 0)  # the same in every build


def compile_archive(path: Path, *, keep_sources: bool = False, optimize: int = -1) -> None:
    """Compile the modules in a ZIP file or wheel, in place.

    With their sources kept, a traceback shows lines; otherwise what is compiled takes their place.
    `optimize` is Python's level: 2 leaves out docstrings. What is no Python of this version, as a
    template may be, stays as it is.
    """
    with zipfile.ZipFile(path) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive, TemporaryDirectory() as folder:
        for name, data in found.items():
            code = None
            if name.endswith(".py"):
                code = _compiled(name, data, Path(folder), optimize)
            if code is None or keep_sources:
                _put(archive, name, data)
            if code is not None:
                where = Path(name)
                kept = f"__pycache__/{where.stem}.{sys.implementation.cache_tag}.pyc"
                new = where.parent / kept if keep_sources else where.with_suffix(".pyc")
                _put(archive, new.as_posix(), code)


def _compiled(name: str, data: bytes, folder: Path, optimize: int) -> bytes | None:
    source, made = folder / "source.py", folder / "made.pyc"
    source.write_bytes(data)
    # Nothing changes the source afterwards, so that no import need look at it.
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    try:
        py_compile.compile(
            str(source), str(made), name, doraise=True, optimize=optimize, invalidation_mode=mode
        )
    except py_compile.PyCompileError:
        return None
    return made.read_bytes()


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _DATE), data, zipfile.ZIP_DEFLATED, 9)
