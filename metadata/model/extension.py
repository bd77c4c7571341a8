"""An extension: the fields a bundle adds to a module of another bundle."""
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from metadata.model.document import Document
from metadata.model.field import Field
from metadata.model.module import Module


@dataclass(frozen=True, kw_only=True)
class Extension(Document):
    """Lies where the module lies ("modules/deals"), with "extends": true; id and name are the module's.

    Only in bundles: laid over the module (`Definitions.onto`) before anything is published.
    """
    folder: ClassVar[str] = "modules"
    id: str
    name: str
    extends: bool
    fields: tuple[Field, ...] = ()
    search_fields: tuple[str, ...] = ()
    match_fields: tuple[str, ...] = ()

    @classmethod
    def read(cls, name: str, value: Any) -> Any:
        return Module.read(name, value)

    def onto(self, module: Module) -> Module:
        """The module with these fields added, or put in place of those with the same id."""
        mine = {field.id: field for field in self.fields}
        kept = tuple(mine.pop(field.id, field) for field in module.fields)
        return replace(module, fields=kept + tuple(mine.values()),
                       search_fields=tuple(dict.fromkeys(module.search_fields + self.search_fields)),
                       match_fields=tuple(dict.fromkeys(module.match_fields + self.match_fields)))
