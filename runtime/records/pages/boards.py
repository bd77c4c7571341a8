"""Boards: more cards of a lane, the lanes' counts and sums, and moving a card by mouse, key or plain form."""
from typing import Any

import flask
from flask import request

from runtime.errors import Conflict, Invalid, Refused, Stale
from runtime.locale.text import _
from runtime.records import list_state, service
from runtime.records.board import Board, Lane
from runtime.records.pages.base import Visit, pages, visit
from runtime.web.htmx import answer, go, part, tell, wants_block
from runtime.web.policies import signed_in


@pages.get("/m/<module>/lane")
@signed_in
def lane(module: str) -> flask.Response:
    board = _board(visit(module))
    drawn = board.drawn(board.lane(request.args.get("lane", type=int)), board.state.after)
    return part("records/move.html", "cards", lane=drawn, may_move=board.may_move)


@pages.get("/m/<module>/totals")
@signed_in
def totals(module: str) -> flask.Response:
    found = _board(visit(module)).totals()
    return part("records/move.html", "totals", totals=[lane for lane in found if lane["number"] or "empty" in request.args])


@pages.get("/m/<module>/<int:record_id>/card")
@signed_in
def choose_lane(module: str, record_id: int) -> flask.Response:
    board = _board(visit(module, "edit"))
    return answer("records/move.html", "move", **_choice(board, board.one(record_id)))


@pages.put("/m/<module>/<int:record_id>/card")
@signed_in
def move(module: str, record_id: int) -> flask.Response:
    """Set the lane's field, as seen at a version. A refusal says why, and shows the card where it still is."""
    at = visit(module, "edit")
    board = _board(at)
    to, version = board.lane(request.form.get("lane", type=int)), request.form.get("version", type=int)
    if version is None:
        raise Invalid({"": [_("This form is out of date. Load the page again.")]})
    try:
        service.update(at.actor, module, record_id, {board.field.name: to.value}, seen_version=version)
    except (Invalid, Refused, Stale, Conflict) as problem:
        return _refused(board, record_id, to, problem)
    said = _("Moved to %(lane)s.", lane=to.label)
    if not wants_block():
        return go(board.state.href())
    return part("records/move.html", "card", card=board.one(record_id), may_move=board.may_move,
                events={"board-changed": {}, "dialog-close": {}, "toast": {"text": said}})


def _board(at: Visit) -> Board:
    return Board(at, list_state.read(at.now, at.actor, at.module, request.args))


def _choice(board: Board, card: dict[str, Any]) -> dict[str, Any]:
    return {"m": board.at.m, "card": card, "lanes": [lane for lane in board.lanes if lane.value is not None or card["lane"] == 0],
            "lane_field": board.field, "back_href": board.state.href()}


def _refused(board: Board, record_id: int, to: Lane, problem: Invalid | Refused | Stale | Conflict) -> flask.Response:
    said = _sentence(board, problem)
    card = board.one(record_id)
    fill = isinstance(problem, Invalid) and to.value is not None
    href = flask.url_for("records.edit", module=board.at.module.name, record_id=record_id, **{board.field.name: to.value})
    refusal = {"text": said, "href": href if fill else None}
    toast = {} if problem.status in (409, 422) else {"toast": {"text": said, "kind": "bad"}}      # else it stands on the card
    if wants_block() and request.form.get("dragged"):
        return part("records/move.html", "card", status=problem.status, card=card, may_move=board.may_move, refusal=refusal,
                    events=toast or ({"board-changed": {}} if isinstance(problem, Stale) else None))
    response = answer("records/move.html", "move", status=problem.status, **_choice(board, card), refusal=refusal)
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return tell(response, toast)


def _sentence(board: Board, problem: Any) -> str:
    """A refusal in one line, each field's sentence after its name."""
    if not isinstance(problem, Invalid):
        return problem.message
    return " ".join(f"{board.at.field(path).label}: {sentence}" if board.at.module.field(path) else sentence
                    for path, sentences in problem.errors.items() for sentence in sentences)
