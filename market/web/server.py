"""The HTTP server: uvicorn, that lets go of event streams when it stops."""

from __future__ import annotations

import socket

import uvicorn

from market.web.streams import end_streams


class MarketServer(uvicorn.Server):
    """Streams never end by themselves, and a server waits for what it is still answering: so they are ended first."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end_streams()
        await super().shutdown(sockets)
