"""Serving a folder: what is said of a port that is none."""

from __future__ import annotations

import pytest
import serve


@pytest.mark.parametrize("port", ["abc", "-1", "65536", "8000.5", ""])
def test_a_port_that_is_none_is_refused_in_a_sentence(
    port: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["serve.py", ".", port])
    with pytest.raises(SystemExit) as ended:
        serve.main()
    assert ended.value.code == f"PORT = {port!r}: must be a whole number from 0 to 65535"
