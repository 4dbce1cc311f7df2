"""The pages as one application: every module of `pages` behind one guard."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from anonpipe.receipt_words import Language
from anonpipe.review.desk import Desk
from anonpipe.review.web import pages
from anonpipe.review.web.handling import HANDLERS, HERE, Screen
from anonpipe.review.web.security import Gate, Guard

IDLE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class WebSettings:
    """What a server is started with; `idle` is in seconds, and `end` ends it. `chosen`: a person
    asked for the language.
    """

    port: int
    language: Language = "nb"
    chosen: bool = False
    idle: float = IDLE_MINUTES * 60.0
    end: Callable[[], None] = lambda: None


def page_modules() -> Iterator[ModuleType]:
    """The modules of `pages`, by name."""
    for found in sorted(pkgutil.iter_modules(pages.__path__), key=lambda found: found.name):
        yield importlib.import_module(f"{pages.__name__}.{found.name}")


def make_app(desk: Desk, settings: WebSettings, gate: Gate | None = None) -> Starlette:
    """The application for a desk.

    Its `state` has `desk`, `lock` (the desk is for one at a time), `screen`, `settings`, `nav`,
    `gate`, by which tokens are given, and `memory`: what pages remember of interviews, by page,
    which is emptied when a source is signed off.
    """
    routes: list[BaseRoute] = [
        Mount("/static", StaticFiles(directory=HERE / "static"), name="static"),
        *(route for module in page_modules() for route in module.routes),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(Guard)], exception_handlers=HANDLERS)
    app.state.desk = desk
    app.state.lock = threading.Lock()
    app.state.memory = {}
    app.state.screen = Screen(settings.language, settings.chosen)
    app.state.settings = settings
    nav = (module.NAV for module in page_modules() if hasattr(module, "NAV"))
    app.state.nav = [(address, name) for _, address, name in sorted(nav)]
    app.state.gate = gate or Gate(settings.port)
    return app
