"""What-if for programs: which records the draft, or one rule that is sent, would touch. The screens are rules.py and review.py."""
from dataclasses import asdict

import flask
from flask import request

from builder import draft as drafts
from runtime.errors import BadQuery, Invalid, Refused
from runtime.locale.text import _
from runtime.publish import service
from runtime.records import what_if
from runtime.security import policy
from runtime.web import json
from runtime.web.actor import current_actor
from runtime.web.policies import api

questions = flask.Blueprint("api_what_if", __name__, url_prefix="/api/v1/metadata/what-if")

TRIED = "rule_tried"


@questions.post("")
@api
def ask() -> flask.Response:
    """The caller's draft over the records there are, or the rule that is sent: {"module", "refuse_if"}. Nothing is written."""
    actor = current_actor()
    if not policy.may_build(actor):
        raise Refused(_("This key belongs to nobody who may use the builder."))
    definitions, only = drafts.current(actor).definitions, ()
    sent = json.loads(request.get_data() or b"{}")
    if not isinstance(sent, dict):
        raise BadQuery(_("An object is needed: {} for the draft, or a module and refuse_if."))
    if "refuse_if" in sent:
        policy.require_build(actor, ("validation_rules",))
        home = definitions.modules.get(str(sent.get("module")))
        if home is None:
            raise Invalid({"module": [_("There is no module '%(name)s' in this draft.", name=str(sent.get("module"))[:60])]})
        rule = {"id": TRIED, "name": "tried", "module": home.name, "refuse_if": sent["refuse_if"], "message": "-"}
        definitions = definitions.with_document(drafts.document(f"validation_rules/{home.name}.tried", rule))
        only = (TRIED,)
    if unsound := service.problems_of(definitions):
        raise Invalid({problem.path: [problem.message] for problem in unsound})
    found = what_if.what_if(definitions, actor=actor, only=only)
    return flask.Response(json.dumps({"findings": [asdict(each) for each in found]}), mimetype="application/json")
