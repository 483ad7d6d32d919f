"""The built web clients, each under its own path, and a small page that leads to them."""

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from cas_server.web.built import CLIENTS, built

INDEX = """<!doctype html>
<html lang="id"><head><meta charset="utf-8"><title>CAS</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>body{font:18px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:1rem}
a{display:block;padding:1rem;margin:.5rem 0;border:1px solid;border-radius:.5rem}</style></head>
<body><h1>CAS - Crime Alarm System</h1>
<a href="/komando/">Komando - pusat kendali</a>
<a href="/masyarakat/">Masyarakat - tombol darurat</a>
<a href="/instansi/">Instansi - tombol loket</a>
<a href="/personil/">Personil - panggilan tugas</a>
</body></html>
"""


FOR_EVER = "public, max-age=31536000, immutable"
ASK_FIRST = "no-cache"


class Built(StaticFiles):
    """A built client; files named after their content need never be asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_hashed = path.startswith("assets/") and response.status_code < 400
        response.headers["cache-control"] = FOR_EVER if is_hashed else ASK_FIRST
        return response


def mount(app: FastAPI) -> None:
    """Serve whatever is built; a missing client answers 404 and `cas doctor` says why."""
    app.add_api_route("/", _index, include_in_schema=False)
    for client in CLIENTS:
        folder = built(client)
        if folder is not None:
            app.mount(f"/{client}", Built(directory=folder, html=True), name=client)


async def _index() -> HTMLResponse:
    return HTMLResponse(INDEX)
