"""Files: a download, for whoever may read the field of the record it belongs to; before that, for who sent it."""
import flask

from runtime.db.transaction import reading
from runtime.errors import NotFound, RuntimeProblem
from runtime.files import store
from runtime.locale.text import _
from runtime.records import query
from runtime.records.pages.base import pages
from runtime.tables import published
from runtime.values import Actor
from runtime.web.actor import current_actor
from runtime.web.policies import signed_in


@pages.get("/files/<file_id>")
@signed_in
def fetch_file(file_id: str) -> flask.Response:
    """One answer for a file that is not there and one that is not for this actor."""
    try:
        with reading() as connection:
            file = store.find(connection, file_id)
        content = store.read(file)
    except NotFound:
        raise NotFound(_("There is no such file.")) from None
    if not _may_fetch(current_actor(), file):
        raise NotFound(_("There is no such file."))
    response = flask.send_file(content, mimetype=file.type)
    response.headers.update(store.headers(file))
    return response


def _may_fetch(actor: Actor, file: store.File) -> bool:
    if file.field_id is None:
        return file.uploaded_by == actor.user_id
    now = published.current()
    module = next((module for module in now.definitions.modules.values() if module.id == file.module_id), None)
    field = module.by_id.get(file.field_id) if module else None
    if module is None or field is None or file.record_id is None:
        return False
    try:
        return query.one(actor, module.name, file.record_id, (field.name,)).values[field.name] == file.id
    except RuntimeProblem:      # the record, its module or the field is not for this actor
        return False
