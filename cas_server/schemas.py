"""Writes schemas/ from the models, and says when what is committed there is stale."""

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from cas_server.alarm.intake import PressBody
from cas_server.app import create_app
from cas_server.evidence.views import Record
from cas_server.live.messages import ClientMessage, ServerMessage
from cas_server.openapi import complete
from cas_server.settings import Settings

FOLDER = Path(__file__).parent.parent / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
LIVE = "live.schema.json"


class Untitled(GenerateJsonSchema):
    """Without field titles: TypeScript would be full of Lat1 and Type3."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the parent's shape
        return False


def documents() -> dict[str, str]:
    """File name to content, for everything in schemas/ that is generated."""
    live = live_schema()
    made = {
        LIVE: live,
        "asyncapi.json": asyncapi(live),
        "openapi.json": openapi(),
        "record.schema.json": {
            "$schema": DIALECT,
            **Record.model_json_schema(schema_generator=Untitled),
        },
    }
    return {name: json.dumps(made[name], indent=2, ensure_ascii=False) + "\n" for name in made}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of files that are missing or differ from what the models say now."""
    return [name for name, text in documents().items() if _read(folder / name) != text]


def write(folder: Path = FOLDER) -> list[str]:
    """Bring the folder up to date; the names of what changed."""
    changed = stale(folder)
    made = documents()
    folder.mkdir(exist_ok=True)
    for name in changed:
        (folder / name).write_text(made[name], encoding="utf-8")
    return changed


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def live_schema() -> dict[str, Any]:
    """JSON Schema of the socket: `ClientMessage` and `ServerMessage` under $defs."""
    inputs: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        ("ClientMessage", "validation", TypeAdapter(ClientMessage)),
        ("ServerMessage", "serialization", TypeAdapter(ServerMessage)),
    ]
    named, schema = TypeAdapter.json_schemas(inputs, schema_generator=Untitled)
    definitions: dict[str, JsonSchemaValue] = dict(schema["$defs"])
    for name, mode, _ in inputs:
        definitions[name] = named[name, mode]
    return {
        "$schema": DIALECT,
        "title": "The live socket of CAS",
        "oneOf": [{"$ref": "#/$defs/ClientMessage"}, {"$ref": "#/$defs/ServerMessage"}],
        "$defs": dict(sorted(definitions.items())),
    }


_QUERY = {
    "type": "object",
    "properties": {"frames": {"type": "string", "enum": ["lines"]}},
}


def asyncapi(live: dict[str, Any]) -> dict[str, Any]:
    """AsyncAPI 3: one channel, two operations, each message a reference into the live schema."""
    messages = {
        name: message
        for union in ("ClientMessage", "ServerMessage")
        for name, message in _messages(live, union).items()
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "CAS live",
            "version": "1",
            "description": (
                "Looking and locating, never commanding: `hello`, then `watch`, then a snapshot "
                "and changes. Every alarm message carries the whole view and its version; keep the "
                "higher one. Close codes: 4401 credential, 4408 no hello in 10 s, 4400 bad frame, "
                "1013 too slow (come back at once), 1012 restarting (come back after a second or "
                "so, by chance). With `?frames=lines` a frame of "
                "the server may hold several messages, one a line; else each has its own."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {
            "live": {
                "address": "/v1/live",
                "bindings": {"ws": {"method": "GET", "query": _QUERY}},
                "messages": messages,
            }
        },
        "operations": {
            "fromClient": _operation(live, "receive", "ClientMessage"),
            "fromServer": _operation(live, "send", "ServerMessage"),
        },
    }


def _messages(live: dict[str, Any], union: str) -> dict[str, Any]:
    mapping: dict[str, str] = live["$defs"][union]["discriminator"]["mapping"]
    return {
        reference.rsplit("/", 1)[1]: {
            "name": kind,
            "payload": {
                "schemaFormat": "application/schema+json;version=draft-2020-12",
                "schema": {"$ref": f"./{LIVE}{reference}"},
            },
        }
        for kind, reference in mapping.items()
    }


def _operation(live: dict[str, Any], action: str, union: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": "#/channels/live"},
        "messages": [
            {"$ref": f"#/channels/live/messages/{name}"} for name in _messages(live, union)
        ],
    }


def openapi() -> dict[str, Any]:
    """OpenAPI 3.1 of every HTTP route."""
    app = create_app(Settings(), "")
    document: dict[str, Any] = app.openapi()
    body = PressBody.model_json_schema(
        ref_template="#/components/schemas/{model}", schema_generator=Untitled
    )
    document["components"]["schemas"] |= {**body.pop("$defs"), "PressBody": body}
    complete(document, app)
    return document
