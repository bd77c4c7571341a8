"""The builder's pages: every flask.Blueprint that a file of this room brings, found by looking, as the rooms' own are."""
import importlib
import pkgutil

import flask

import builder

for _entry in pkgutil.iter_modules(builder.__path__):
    if _entry.name not in ("pages", "api"):
        for _name, _member in vars(importlib.import_module(f"builder.{_entry.name}")).items():
            if isinstance(_member, flask.Blueprint):
                globals()[f"{_entry.name}_{_name}"] = _member
