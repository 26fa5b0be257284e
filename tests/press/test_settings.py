"""Where the book is published: with an address its pages name it, and nothing else does."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from docutils import nodes
from sphinx.errors import ConfigError

from inference_economics.ledger import claims
from inference_economics_site import addresses, browser, claim_pages, metadata, settings, website

if TYPE_CHECKING:
    from pathlib import Path

SITE, REPOSITORY = "https://example.org/book", "https://example.org/us/book"


@pytest.fixture(autouse=True)
def _without_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (addresses.ADDRESS, addresses.REPOSITORY):
        monkeypatch.delenv(name, raising=False)


def built(site: str = "", repository: str = "") -> Any:
    """Stand for the application, as far as the settings go."""
    options = {"repository_url": repository}
    config = SimpleNamespace(
        html_baseurl=site, html_theme_options=options, language="en", root_doc="index"
    )
    app: Any = SimpleNamespace(config=config)
    settings.read(app, app.config)
    return app


def head(app: Any, page: str) -> str:
    about = metadata.About("One user", "How much of twenty H100s?", "A picture of it")
    context: dict[str, Any] = {"about": about}
    metadata.add_metadata(app, page, "page.html", context, None)
    found: str = context["metatags"]
    return found


def test_the_head_names_the_address_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find", lambda: "/usr/bin/one")
    found = head(built(SITE), "claims/users-needed")
    address = f"{SITE}/claims/users-needed.html"
    assert f'<meta property="og:url" content="{address}">' in found
    assert f'<meta property="og:image" content="{SITE}/social/claims-users-needed.png">' in found
    assert f'<meta name="citation_public_url" content="{address}">' in found
    assert f'"url": "{address}"' in found
    assert '<meta property="og:image:alt" content="A picture of it">' in found


def test_no_picture_is_named_that_no_browser_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "find", lambda: None)
    found = head(built(SITE), "claims/users-needed")
    assert f'<meta property="og:url" content="{SITE}/claims/users-needed.html">' in found
    for name in ("og:image", "twitter:card", "/social/"):
        assert name not in found


def test_without_one_nothing_is_made_up() -> None:
    found = head(built(), "claims/users-needed")
    for name in ("og:url", "og:image", "twitter:card", "citation_public_url"):
        assert name not in found
    assert '"url": "users-needed.html"' in found
    assert 'href="../changelog.atom"' in found


def test_the_environment_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(addresses.ADDRESS, SITE)
    monkeypatch.setenv(addresses.REPOSITORY, f"{REPOSITORY}/")
    app = built("https://example.net", "https://example.net/them")
    assert settings.site(app) == f"{SITE}/"
    assert settings.source(app, "README.md") == f"{REPOSITORY}/blob/HEAD/README.md"


@pytest.mark.parametrize("address", ["example.org", "ftp://example.org", "https://a b", "https://"])
def test_what_is_no_address_is_refused(address: str) -> None:
    for name, given in ((addresses.ADDRESS, (address,)), (addresses.REPOSITORY, ("", address))):
        with pytest.raises(ConfigError) as refused:
            built(*given)
        assert f"{name} = {address!r}" in str(refused.value)
        assert "https://example.org/book/" in str(refused.value)


def test_a_dispute_opens_an_issue_that_says_what_it_is_about() -> None:
    result = claims.load()["users-needed"]
    assert claim_pages.dispute(built(SITE), result) == ""
    address = urlsplit(claim_pages.dispute(built(SITE, REPOSITORY), result))
    filled = parse_qs(address.query)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{REPOSITORY}/issues/new"
    assert filled["title"] == ["Claim users-needed: 1000 concurrent users"]
    for part in ("500 users", "295 users", "inconsistent", f"{SITE}/claims/users-needed.html"):
        assert part in filled["body"][0]


@pytest.mark.parametrize(
    ("repository", "started"),
    [
        ("https://github.com/us/book", "gh/us/book"),
        (REPOSITORY, "git/https%3A%2F%2Fexample.org%2Fus%2Fbook"),
    ],
)
def test_a_notebook_starts_on_binder_where_there_is_a_repository(
    repository: str, started: str
) -> None:
    assert settings.binder(built(SITE), "one-user") == ""
    assert settings.binder(built(SITE, repository), "one-user") == (
        f"https://mybinder.org/v2/{started}/HEAD?urlpath=lab%2Ftree%2Fbook%2Fone-user.ipynb"
    )


def test_the_build_repeats_what_a_cell_wrote_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    logger = SimpleNamespace(warning=lambda text, *given, **_: said.append(text % given))
    monkeypatch.setattr(website.logging, "getLogger", lambda _: logger)
    document = nodes.document(None, None)  # type: ignore[arg-type]
    for words, kind in (("a result", "stream"), ("no font\n", "stderr")):
        document += nodes.literal_block(words, words, classes=["output", kind])
    website.report_stderr(built(), document)
    assert said == ["a cell wrote to stderr: no font"]


def test_what_is_not_judged_is_not_reviewed() -> None:
    for result in claims.load():
        review = claim_pages.review(built(SITE), result)
        assert bool(review) == (result.verdict not in ("assumption", "not a quantity"))


def test_a_text_cannot_end_the_script_that_holds_it() -> None:
    found = metadata._json_ld({"@type": "Claim", "text": "</script><b>"})
    assert found.count("</script>") == 1
    inner = found.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert json.loads(inner)["text"] == "</script><b>"


def test_a_failed_build_writes_nothing(tmp_path: Path) -> None:
    connected: list[Any] = []
    app: Any = SimpleNamespace(
        builder=SimpleNamespace(name="html"),
        outdir=str(tmp_path),
        connect=lambda *given, **_: connected.extend(given),
    )
    settings.when_built(app, lambda _, site: (site / "made").touch())
    event, write = connected
    assert event == "build-finished"
    write(app, RuntimeError())
    assert not (tmp_path / "made").exists()
    write(app, None)
    assert (tmp_path / "made").exists()
