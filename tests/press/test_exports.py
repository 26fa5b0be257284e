"""The files to download: complete, described, and equal to what the package holds."""

from __future__ import annotations

import csv
import io
import json

import jsonschema
import pytest

from inference_economics.facts import catalog, measurements
from inference_economics.ledger import claims
from inference_economics_site import exports, register

TABLES = exports.tables()


def records(table: exports.Table) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.text)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_is_described(table: exports.Table) -> None:
    names = [exports.column(written)[0] for written in table.header]
    assert names == list(table.columns)
    assert all(len(meaning) > 4 for meaning in table.columns.values())
    assert table.rows == len(records(table)) > 0


def test_claims_json_is_the_ledger() -> None:
    book = json.loads(exports.claims_json())
    jsonschema.validate(book, json.loads(exports.claims_schema()))
    assert [each["id"] for each in book["claims"]] == list(claims.load().claims)
    for each in book["claims"]:
        result = claims.load()[each["id"]]
        assert (each["recomputed"], each["verdict"]) == (result.recomputed, result.verdict)
        assert each["number"] == register.load()[each["id"]].number


def test_the_schema_refuses_what_is_no_ledger() -> None:
    schema = json.loads(exports.claims_schema())
    for damage in ({"verdict": "perfect"}, {"value": "144K"}, {"surprise": 1}):
        book = json.loads(exports.claims_json())
        book["claims"][0] |= damage
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(book, schema)


def test_the_tables_hold_what_the_package_holds() -> None:
    found = {table.name: records(table) for table in TABLES}
    assert [row["id"] for row in found["facts"]] == list(catalog.load().facts)
    assert [row["id"] for row in found["accelerators"]] == list(catalog.load().accelerators)
    assert [row["id"] for row in found["models"]] == list(catalog.load().models)
    assert [row["id"] for row in found["sources"]] == list(catalog.load().sources)
    assert [row["id"] for row in found["measurements"]] == [
        each["id"] for each in measurements.own()
    ]
    for row in found["claims"]:
        value = claims.load()[row["id"]].recomputed
        assert row["recomputed"] == ("" if value is None else repr(value))


def test_the_data_package_names_every_table_with_its_types() -> None:
    package = json.loads(exports.data_package())
    assert [each["path"] for each in package["resources"]] == [table.file for table in TABLES]
    types = {
        (each["name"], field["name"]): field["type"]
        for each in package["resources"]
        for field in each["schema"]["fields"]
    }
    assert types["facts", "value"] == "number"
    assert types["models", "layers"] == "integer"
    assert types["claims", "verdict"] == "string"
    units = {
        field["name"]: field["unit"]
        for each in package["resources"]
        for field in each["schema"]["fields"]
        if "unit" in field
    }
    assert units["memory_bandwidth [byte/second/chip]"] == "byte/second/chip"


def test_a_column_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'a b' is not a name"):
        exports.column("a b")


def test_files_are_all_of_it() -> None:
    assert set(exports.files()) == {
        "claims.json", "claims.schema.json", "datapackage.json", *(table.file for table in TABLES)
    }  # fmt: skip
