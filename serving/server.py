"""The HTTP server, and how it ends."""

import logging
import signal
import socket
from types import FrameType

import uvicorn
from fastapi import FastAPI

from serving.api.ready import stop_being_ready
from serving.settings import Settings

logger = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Uvicorn; at SIGTERM ``/ready`` turns 503, then nothing new is taken, and open requests are answered."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        config = uvicorn.Config(
            app, log_config=None, access_log=False, timeout_graceful_shutdown=settings.shutdown_seconds
        )
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin the end."""
        stop_being_ready(self._app)
        if sig == signal.SIGTERM:
            # Uvicorn would raise it again at the end, and the exit status would tell of a failure.
            self.should_exit = True
        else:
            super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what is open, then end."""
        logger.info("shutting down: open requests are answered first")
        await super().shutdown(sockets)
