"""A WebSocket endpoint as FastAPI's own documentation writes it, for `cas bench idle`.

It holds a socket and does nothing else; CAS_PORT says where: python -m
tests.bench.baselines.plain_socket
"""

import os

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

app = FastAPI()


@app.websocket("/ws")
async def hold(websocket: WebSocket) -> None:
    await websocket.accept()
    try:
        while True:
            await websocket.receive_text()
    except WebSocketDisconnect:
        return


@app.get("/v1/health/ready")
async def ready() -> None:
    return


if __name__ == "__main__":
    uvicorn.run(app, port=int(os.environ["CAS_PORT"]), log_level="warning")
