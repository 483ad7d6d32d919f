"""Loaded by schemathesis: signs every request in, and lets half of the addresses name real things.

`CAS_FUZZ_TOLD` names the file that `tests.fuzz.stage` wrote for one asker.
"""

import json
import os
from itertools import count
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.core.parameters import ParameterLocation

Case = schemathesis.Case[Any]

_told = json.loads(Path(os.environ["CAS_FUZZ_TOLD"]).read_text())
_tokens: list[str] = _told["tokens"]
_ids: dict[str, list[str]] = _told["ids"]
_turn = count()
_spent = count()


@schemathesis.serializer("audio/webm", "audio/ogg", "audio/mp4")
def recordings(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """schemathesis knows how pictures travel; recordings go as they are, too."""
    return value if isinstance(value, bytes) else str(value).encode("utf8", "replace")


def _ends_a_sign_in(method: str, path: str) -> bool:
    return method.upper() != "GET" and path.startswith(("/v1/sessions/", "/v1/account"))


@schemathesis.auth(refresh_interval=None)
class SignIn:
    """Everything is asked with one sign-in; what could end it, each time with another's."""

    def get(self, case: Case, _: schemathesis.AuthContext) -> str:
        if not _tokens:
            return ""
        if _ends_a_sign_in(case.method, case.path):
            return _tokens[1 + next(_spent) % (len(_tokens) - 1)]
        return _tokens[0]

    def set(self, case: Case, data: str, _: schemathesis.AuthContext) -> None:
        if data:
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_: schemathesis.HookContext, case: Case, __: Any) -> None:
    """Every second address names something that exists; invalid ones stay invalid."""
    if case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH):
        return
    turn = next(_turn)
    for name in case.path_parameters or {}:
        real = _ids.get(name)
        if real and turn % 2:
            case.path_parameters[name] = real[turn // 2 % len(real)]
