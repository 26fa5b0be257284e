"""The book's data as files to download, each column of them described.

CSV tables are described as a Frictionless data package (https://datapackage.org), and
`claims.json` by a JSON Schema.
"""

from __future__ import annotations

import json
import re
import tomllib
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference_economics import __date__, __version__
from inference_economics.facts import catalog
from inference_economics.facts import files as data
from inference_economics.ledger import claims

from . import citation, register

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LICENSE = {
    "name": "CC-BY-4.0",
    "path": "https://creativecommons.org/licenses/by/4.0/",
    "title": "Creative Commons Attribution 4.0",
}
DESCRIBED = Path(__file__).with_name("downloads.toml")
_UNIT = re.compile(r"(?P<name>\w+)(?: \[(?P<unit>[^]]+)\])?")


@dataclass(frozen=True)
class Table:
    """A table to download: its name, what it holds, its text as CSV, its columns described."""

    name: str
    title: str
    about: str
    text: str
    columns: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.name}.csv"

    @property
    def header(self) -> list[str]:
        """The first line of the file."""
        return list(data.rows(self.text)[0])

    @property
    def rows(self) -> int:
        """How many lines follow the first."""
        return len(data.rows(self.text))


def claim_record(result: claims.Result) -> dict[str, Any]:
    """Return a claim as plain values: what the ledger says of it, and what the register does."""
    entry = register.load()[result.claim.id]
    return {
        "number": entry.number,
        **result.as_json(),
        "arithmetic": result.worked and result.worked.text(),
        "arithmetic_on_facts": result.worked_on_facts and result.worked_on_facts.text(),
        "added": entry.added,
        "changed": entry.changed,
    }


def claims_json() -> str:
    """Return all claims as JSON, under what the book is."""
    book = {
        "title": citation.TITLE,
        "version": __version__,
        "date": __date__,
        "license": LICENSE["name"],
        "claims": [claim_record(result) for result in claims.load()],
    }
    return _json(book)


def described() -> dict[str, Any]:
    """Return what is said of each table, the ledger first and those of the catalog behind it."""
    own = tomllib.loads(DESCRIBED.read_text(encoding="utf-8"))
    return {"claims": own["claims"], **data.toml("columns.toml"), **own}


@cache
def tables() -> tuple[Table, ...]:
    """Return every table, in the order in which they are listed."""
    texts = {
        "claims": _csv([claim_record(result) for result in claims.load()]),
        "sources": _csv([asdict(source) for source in catalog.load().sources.values()]),
        "register": register.text(register.load()),
    }
    return tuple(
        Table(name, about["title"], about["about"],
              texts.get(name) or data.read(f"{name}.csv"), about["columns"])
        for name, about in described().items()
    )  # fmt: skip


def data_package() -> str:
    """Return the description of all tables, as a Frictionless data package."""
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "inference-economics",
        "title": citation.TITLE,
        "version": __version__,
        "created": f"{__date__}T00:00:00Z",
        "licenses": [LICENSE],
        "contributors": [{"title": citation.AUTHOR, "roles": ["author"]}],
        "resources": [_resource(table) for table in tables()],
    }
    return _json(package)


def claims_schema() -> str:
    """Return the JSON Schema of `claims.json`."""
    described = next(table.columns for table in tables() if table.name == "claims")
    text, number = {"type": "string"}, {"type": ["number", "null"]}
    text_or_none, texts = {"type": ["string", "null"]}, {"type": "array", "items": text}
    ends = {
        "type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2,
    }  # fmt: skip
    numbers = ("value", "recomputed", "recomputed_on_facts", "factor", "factor_on_facts")
    kinds: dict[str, dict[str, Any]] = {
        "number": {"type": "integer", "minimum": 1},
        "verdict": {"enum": list(claims.VERDICTS)},
        "verdict_on_facts": {"enum": [*claims.VERDICTS[:3], None]},
        "relation": {"enum": list(claims.RELATIONS)},
        "within_sourced_range": {"type": ["boolean", "null"]},
        **dict.fromkeys(("unit", "arithmetic", "arithmetic_on_facts"), text_or_none),
        **dict.fromkeys(("inconsistent_with", "sources"), texts),
        **dict.fromkeys(("span", "range_on_facts"), ends),
        **dict.fromkeys(numbers, number),
    }
    record = {
        "type": "object",
        "properties": {
            name: {"description": meaning, **kinds.get(name, text)}
            for name, meaning in described.items()
        },
        "required": list(described),
        "additionalProperties": False,
    }
    book = dict.fromkeys(("title", "version", "date", "license"), text)
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The ledger of {citation.TITLE}",
        "type": "object",
        "properties": {**book, "claims": {"type": "array", "items": record}},
        "required": [*book, "claims"],
        "additionalProperties": False,
    }
    return _json(schema)


def files() -> dict[str, str]:
    """Return every file by its name."""
    return {
        "claims.json": claims_json(),
        "claims.schema.json": claims_schema(),
        "datapackage.json": data_package(),
        **{table.file: table.text for table in tables()},
    }


def column(written: str) -> tuple[str, str]:
    """Return the name and the unit in a header such as "power [watt/chip]"."""
    match = _UNIT.fullmatch(written)
    if not match:
        raise ValueError(f"column {written!r} is not a name, nor a name with a unit in brackets")
    return match["name"], match["unit"] or ""


def _resource(table: Table) -> dict[str, Any]:
    return {
        "name": table.name,
        "path": table.file,
        "title": table.title,
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {
            "fields": [_field(table, written) for written in table.header],
            "missingValues": [""],
        },
    }


def _field(table: Table, written: str) -> dict[str, str]:
    name, unit = column(written)
    kind = {"name": written, "type": _type(table, written), "description": table.columns[name]}
    return kind | ({"unit": unit} if unit else {})


def _type(table: Table, written: str) -> str:
    """Return the type that all cells of a column have."""
    cells = [row[written] for row in data.rows(table.text) if row[written]]
    if not cells:
        return "string"
    if {"true", "false"}.issuperset(cells):
        return "boolean"
    for name, read in (("integer", int), ("number", float)):
        with suppress(ValueError):
            for cell in cells:
                read(cell)
            return name
    return "string"


def _csv(records: Sequence[Mapping[str, Any]]) -> str:
    return data.as_csv(records[0], (map(_cell, each.values()) for each in records))


def _cell(value: Any) -> Any:
    """Return a value as a cell: lists are parted by semicolons, as in the catalog's files."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else value


def _json(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
