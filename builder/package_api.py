"""Packages for programs: list, build, check, install, upgrade, uninstall; the zip is the body."""
from typing import Any

import flask
from flask import request

from builder.packages import built
from metadata import package
from runtime.errors import Invalid
from runtime.locale.text import _
from runtime.publish import packages as installed
from runtime.publish import service
from runtime.publish.packages import PackagePlan
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api, takes

packages_api = flask.Blueprint("packages_api", __name__, url_prefix="/api/v1/metadata/packages")


@packages_api.before_request
def only_builders() -> None:
    """Before anything that was sent is opened."""
    service.require(current_actor())


@packages_api.get("")
@api
def list_packages() -> flask.Response:
    return _json({"packages": [{
        "name": each.manifest.name, "label": each.manifest.label, "version": each.manifest.version, "parts": each.parts,
        "installed_at": each.installed_at, "at": each.at, "fingerprint": each.fingerprint,
        "changed_here": [f"{own.path}#{own.place}" if own.place else own.path for own in each.own]}
        for each in installed.listed()]})


@packages_api.post("/build")
@api
def build_package() -> flask.Response:
    """{"modules": [names], "label", "name", "version", "added": true, "roles": true, "theme": true, "samples": true, "override"}:
    the zip."""
    body = json.loads(_body() or b"{}")
    if not isinstance(body, dict) or not isinstance(body.get("modules", []), list):
        raise Invalid({"modules": [_("Send one JSON object; 'modules' is a list of names.")]})
    given = {name: str(body.get(name, "")).strip() for name in ("label", "name", "version")}
    ticked = {name: body.get(name) is True for name in ("added", "roles", "theme", "samples")}
    return built([str(each) for each in body.get("modules", [])], given, **ticked, override=str(body.get("override", "")))


@packages_api.post("/check")
@api
@takes(package.MOST_PACKED)
def check_package() -> flask.Response:
    """The body is the zip. Touches nothing."""
    return _json(installed.install(current_actor(), _body(), dry_run=True).to_json())


@packages_api.post("/install")
@api
@takes(package.MOST_PACKED)
def install_package() -> flask.Response:
    """The body is the zip; ?agreed=KEY for each thing it asks for, ?take=KEY=theirs for conflicts, ?override=REASON where a
    test is red, ?dry_run=1."""
    return _json(_installed(None).to_json())


@packages_api.post("/upgrade")
@api
@takes(package.MOST_PACKED)
def upgrade_package() -> flask.Response:
    """The same for a package that is installed; 404 for one that is not."""
    return _json(_installed("upgrade").to_json())


@packages_api.delete("/<name>")
@api
def delete_package(name: str) -> flask.Response:
    """?dry_run=1 answers with the plan alone."""
    return _json(installed.uninstall(current_actor(), name, dry_run=_dry(), override=request.args.get("override", "")).to_json())


def _installed(act: str | None) -> PackagePlan:
    given = installed.opened(_body())
    if act:
        installed.standing(given.manifest.name)
    choices = {key: side for key, _sign, side in (each.rpartition("=") for each in request.args.getlist("take"))
               if side in ("ours", "theirs")}
    return installed.install(current_actor(), given, dry_run=_dry(), agreed=request.args.getlist("agreed"), choices=choices,
                             override=request.args.get("override", ""))


def _dry() -> bool:
    return request.args.get("dry_run") in ("1", "true")


def _body() -> bytes:
    return request.get_data(cache=False)


def _json(told: Any) -> flask.Response:
    return flask.Response(json.dumps(told), mimetype="application/json")
