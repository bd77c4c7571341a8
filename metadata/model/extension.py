"""An extension: the fields a bundle adds to a module of another bundle."""
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from metadata.model.addition import Addition
from metadata.model.field import Field
from metadata.model.module import Module


@dataclass(frozen=True, kw_only=True)
class Extension(Addition):
    """Lies where the module lies ("modules/deals"), with "extends": true; id and name are the module's."""
    folder: ClassVar[str] = "modules"
    target: ClassVar = Module
    id: str
    name: str
    extends: bool
    fields: tuple[Field, ...] = ()
    search_fields: tuple[str, ...] = ()
    match_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, name: str, value: Any) -> Any:
        return Module.read(name, value)

    def onto(self, stands):
        mine = {field.id: field for field in self.fields}
        kept = tuple(mine.pop(field.id, field) for field in stands.fields)
        return replace(stands, fields=kept + tuple(mine.values()),
                       search_fields=tuple(dict.fromkeys(stands.search_fields + self.search_fields)),
                       match_fields=tuple(dict.fromkeys(stands.match_fields + self.match_fields)))

    def out_of(self, stands, others=()):
        gone = {each.id for each in self.fields}
        others = tuple(others)
        search, match = ({name for each in others for name in getattr(each, part)} for part in ("search_fields", "match_fields"))
        return replace(stands, fields=tuple(each for each in stands.fields if each.id not in gone),
                       search_fields=tuple(name for name in stands.search_fields
                                           if name not in self.search_fields or name in search),
                       match_fields=tuple(name for name in stands.match_fields
                                          if name not in self.match_fields or name in match))

    def less(self, now):
        kept = {each.id for each in now.fields} if now else set()
        return replace(self, fields=tuple(each for each in self.fields if each.id not in kept),
                       search_fields=tuple(name for name in self.search_fields if not now or name not in now.search_fields),
                       match_fields=tuple(name for name in self.match_fields if not now or name not in now.match_fields))
