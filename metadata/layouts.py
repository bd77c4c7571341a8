"""Layouts as a set: which of a module's layouts is for the rest, and whether there is one."""
from collections.abc import Iterator
from typing import Any

from metadata.errors import Problem
from metadata.model.layout import Layout


def problems(layout: Layout, definitions: Any) -> Iterator[Problem]:
    """A module whose layouts are all for certain records or people has none for the others."""
    if not layout.chosen:
        return
    others = definitions.layouts_of(layout.module)
    if others[0].chosen and layout.path == others[-1].path:
        home = definitions.module(layout.module)
        yield Problem(f"{layout.path}#condition", f"Every layout of {home.plural if home else layout.module} is for certain "
                      "records or roles only. Leave one without a condition and roles, for the rest.")
