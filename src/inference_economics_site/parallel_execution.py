"""Chapters are executed before they are read, as many at a time as there are cores.

MyST-NB would execute them one after another; it takes what it finds executed in a cache.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def execute(app: Sphinx) -> None:
    """Execute all chapters anew: what a former build has kept would hide a change of the package.

    One that fails is not kept, so that MyST-NB executes it once more and says why. With
    BOOK_OUTPUTS=stored the stored outputs stand in: `make test` sets this where nbval has just
    executed all chapters, and has found the same.
    """
    myst_nb: Any = app.env
    folder = Path(myst_nb.mystnb_config.execution_cache_path)
    shutil.rmtree(folder, ignore_errors=True)
    cache = get_cache(folder)
    chapters = [str(path) for path in sorted(Path(app.srcdir).glob("*.ipynb"))]
    if os.environ.get("BOOK_OUTPUTS") == "stored":
        for path in chapters:
            cache.cache_notebook_file(path)
        return
    for path in chapters:
        cache.add_nb_to_project(path)
    load_executor("local-parallel", cache).run_and_cache(timeout=app.config.nb_execution_timeout)


def setup(app: Sphinx) -> None:
    """Do so once MyST-NB knows where its cache is."""
    app.connect("builder-inited", execute, priority=600)
