"""create_app(): the roof. It fills the catalogue, makes the web safe, and puts the rooms' pages and menus together."""
import logging
import os
import pkgutil
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import flask
import jinja2
import sqlalchemy as sa
from flask_compress import Compress
from werkzeug.middleware.proxy_fix import ProxyFix

import runtime
from runtime.db import embedded, engine, schema
from runtime.db.transaction import reading
from runtime.kinds import kind, listeners
from runtime.locale import reader, text
from runtime.records import openapi
from runtime.security import policy
from runtime.web import (
    actor,
    errors,
    headers,
    house_theme,
    htmx,
    log,
    menu,
    policies,
    said,
    settings,
    shell,
    static,
    templating,
    themes,
)
from runtime.web.limits import limiter

HERE = Path(__file__).resolve().parent
DOORS = ("pages", "api")
"""Files of a room that hold its flask.Blueprints."""


def create_app(config: Mapping[str, Any] | None = None, *, rooms: tuple[ModuleType, ...] = ()) -> flask.Flask:
    """The web application. rooms: packages above the runtime that bring pages of their own (the builder).

    Raises NotSafe where the configuration is not safe, RuntimeError where a route does not say who may call it.
    """
    settings_used = settings.read() | dict(config or {})
    settings.check(settings_used)
    kind.use(kind.discover("runtime"))
    listeners.register(kind.catalogue())

    app = flask.Flask("banyan", root_path=str(HERE), static_folder=None, template_folder=None)
    app.config.update(settings_used)
    app.config["TRUSTED_HOSTS"] = settings_used["TRUSTED_HOSTS"] or None        # an empty list was asked for: every name
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=0)

    _prepare_templates(app, rooms)                          # before anybody asks for the environment: it is made once
    engine.limit_statements(app.config["STATEMENT_TIMEOUT"])
    log.install(app)
    headers.install(app)
    actor.install(app)
    limiter.init_app(app)
    htmx.htmx.init_app(app)
    said.install(app)
    errors.install(app)
    themes.install(app)
    app.register_blueprint(house_theme.pages)
    app.register_blueprint(static.pages)
    app.register_blueprint(shell.pages)
    app.register_blueprint(health)
    for room in (*_own_rooms(), *rooms):
        _open(app, room)
    Compress(app)
    policies.check(app)
    return app


health = flask.Blueprint("health", __name__)


@health.get("/healthz")
@policies.asset
def alive() -> flask.Response:
    """This process answers."""
    return flask.Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
@policies.asset
def ready() -> flask.Response:
    """This process can serve: the database answers and its tables are those this code needs."""
    try:
        with reading() as connection:
            ready = schema.revision(connection) == schema.newest()
    except sa.exc.SQLAlchemyError:
        ready = False
    return flask.Response("ready\n" if ready else "not ready\n", 200 if ready else 503, mimetype="text/plain")


def _own_rooms() -> list[ModuleType]:
    """The runtime's rooms, and the small rooms inside a room of rooms (automation, channels)."""
    found = []
    for at in pkgutil.walk_packages(runtime.__path__, "runtime."):
        if at.ispkg and any(find_spec(f"{at.name}.{door}") for door in DOORS):
            found.append(import_module(at.name))
    return found


def _open(app: flask.Flask, room: ModuleType) -> None:
    """Register what a room announces: the blueprints of its pages and api, its menu, its static files."""
    for door in DOORS:
        if find_spec(f"{room.__name__}.{door}") is None:
            continue
        found = import_module(f"{room.__name__}.{door}")
        if described := getattr(found, "described", None):
            openapi.add(described)
        for name, member in vars(found).items():
            if isinstance(member, flask.Blueprint) and member.name not in app.blueprints and not name.startswith("_"):
                app.register_blueprint(member)
    menu.add(*getattr(room, "menu", ()))
    static.add_folder(Path(room.__path__[0]) / "static")


def _prepare_templates(app: flask.Flask, rooms: tuple[ModuleType, ...]) -> None:
    """The theme's templates first, then those of the web, then the rooms'; compiled ones are kept between starts."""
    own = [HERE / "web" / "templates", *sorted(folder for folder in HERE.glob("**/templates") if folder.parent.name != "web")]
    others = [folder for room in rooms for folder in sorted(Path(room.__path__[0]).glob("**/templates"))]
    app.jinja_environment = templating.Environment
    app.jinja_loader = jinja2.FileSystemLoader([*themes.template_folders(app.config["THEME"]), *own, *others])
    app.jinja_options = {"cache_size": 1_000, "bytecode_cache": _compiled()}
    environment = app.jinja_env
    text.install(environment)
    environment.filters["moment"] = lambda moment: reader.current().datetime(moment)
    environment.globals.update(static=static.href, product=app.config["PRODUCT"], nonce=headers.nonce,
                               may=lambda verb, module, owner=policy.ANY: policy.may(actor.somebody(), verb, module, owner))
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    who = actor.somebody()
    theme = themes.chosen(who.theme if who else "auto")
    return {"actor": who, "language": text.language(), "theme": who.theme if who else "auto",
            "theme_href": house_theme.href(theme) or themes.href(theme), "menu": menu.Menu(who)}


def _compiled() -> jinja2.FileSystemBytecodeCache | None:
    """In CRM_HOME, where this installation keeps its own things; nowhere when there is no such place."""
    if os.environ.get("DATABASE_URL") and not os.environ.get("CRM_HOME"):
        return None
    folder = embedded.home() / "cache" / "templates"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        logging.getLogger("banyan").info("No place to keep compiled templates: %s", folder)
        return None
    return jinja2.FileSystemBytecodeCache(str(folder))
