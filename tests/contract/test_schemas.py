"""What is written down of the wire is true: current, valid, and with an example of everything."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter
from referencing import Registry, Resource

from cas_server import schemas
from cas_server.live.messages import ClientMessage, ServerMessage

EXAMPLES = sorted((schemas.FOLDER / "examples").glob("*.json"))
LIVE: dict[str, Any] = json.loads((schemas.FOLDER / "live.schema.json").read_text())
UNIONS = ("ClientMessage", "ServerMessage")


def kinds(union: str) -> set[str]:
    mapping: dict[str, str] = LIVE["$defs"][union]["discriminator"]["mapping"]
    return set(mapping)


def union_of(kind: str) -> str:
    return next(union for union in UNIONS if kind in kinds(union))


def test_the_generated_files_are_what_the_models_say_now() -> None:
    assert schemas.stale() == [], "run 'make schemas' and commit what it writes"


def test_a_stale_file_is_found_and_written_anew(tmp_path: Path) -> None:
    written = schemas.write(tmp_path)
    (tmp_path / "openapi.json").write_text("{}")

    files = ["asyncapi.json", "live.schema.json", "openapi.json", "record.schema.json"]
    assert sorted(written) == files
    assert schemas.stale(tmp_path) == ["openapi.json"]
    assert schemas.write(tmp_path) == ["openapi.json"]
    assert schemas.stale(tmp_path) == []


def test_the_openapi_document_is_valid_to_somebody_elses_parser() -> None:
    document = json.loads((schemas.FOLDER / "openapi.json").read_text())

    OpenAPIV31SpecValidator(document).validate()


def test_the_json_schema_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(LIVE)


def test_every_message_has_one_example_of_its_name() -> None:
    named = {path.stem for path in EXAMPLES}

    assert named == kinds("ClientMessage") | kinds("ServerMessage")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_what_python_reads_and_writes(path: Path) -> None:
    text = path.read_text()
    union: TypeAdapter[Any] = TypeAdapter(
        ClientMessage if union_of(path.stem) == "ClientMessage" else ServerMessage
    )

    message = union.validate_json(text)

    assert message.type == path.stem
    read_again = union.validate_json(message.model_dump_json())
    assert read_again == message
    if union_of(path.stem) == "ServerMessage":
        # The server leaves nothing out, so an example does not either.
        assert json.loads(message.model_dump_json()) == json.loads(text)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_obeys_the_json_schema(path: Path) -> None:
    registry: Registry[Any] = Registry().with_resource("live", Resource.from_contents(LIVE))
    validator = jsonschema.Draft202012Validator(
        {"$ref": f"live#/$defs/{union_of(path.stem)}"}, registry=registry
    )

    assert [error.message for error in validator.iter_errors(json.loads(path.read_text()))] == []


def test_the_asyncapi_document_names_every_message_and_points_at_its_schema() -> None:
    document = json.loads((schemas.FOLDER / "asyncapi.json").read_text())
    messages: dict[str, Any] = document["channels"]["live"]["messages"]

    assert {one["name"] for one in messages.values()} == {
        *kinds("ClientMessage"), *kinds("ServerMessage"),
    }  # fmt: skip
    for one in messages.values():
        file, _, place = one["payload"]["schema"]["$ref"].partition("#/$defs/")
        assert file == "./live.schema.json"
        assert LIVE["$defs"][place]["properties"]["type"]["const"] == one["name"]
    for operation in document["operations"].values():
        for reference in operation["messages"]:
            assert reference["$ref"].rsplit("/", 1)[1] in messages
