"""docs/verify_audit.py, run in this process."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import io
from pathlib import Path
from types import ModuleType


@functools.cache
def module() -> ModuleType:
    path = Path(__file__).parent.parent / "docs" / "verify_audit.py"
    spec = importlib.util.spec_from_file_location("verify_audit", path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def second_verifier(*arguments: object) -> tuple[int, str]:
    """Its exit code and what it prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        code = module().main([str(argument) for argument in arguments])
    return code or 0, printed.getvalue()
