"""What a definition does, in one plain line under its name: for the nouns that are kept in a form of many parts."""
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from builder import choices, criteria_editor
from metadata.definitions import Definitions
from metadata.model.convert_map import ConvertMap
from metadata.model.document import Document
from metadata.model.duplicate_rule import DuplicateRule
from metadata.model.import_map import ImportMap
from runtime.locale.text import _, ngettext


def summary(definitions: Definitions, document: Document) -> str:
    """"" where there is nothing to say beyond its name."""
    say = SAYS.get(type(document))
    return say(definitions, document) if say else ""


def _duplicates(definitions: Definitions, rule: DuplicateRule) -> str:
    home = definitions.modules.get(rule.module)
    by = {"exact": _("%(field)s letter by letter"), "folded": _("%(field)s"), "similar": _("%(field)s in similar words"),
          "digits": _("%(field)s as a phone number")}
    alike = _listed(by.get(str(each.get("by", "folded")), "%(field)s") % {
        "field": choices.path_label(definitions, home, str(each.get("field", "")))} for each in rule.compare)
    said = (_("Two are probably the same where %(alike)s agree. Saving one more is refused.", alike=alike) if rule.action == "block"
            else _("Two are probably the same where %(alike)s agree. Saving one more is asked about first.", alike=alike))
    return said if rule.active else f"{said} {_('It is off.')}"


def _conversion(definitions: Definitions, made: ConvertMap) -> str:
    def called(each: Mapping[str, Any]) -> str:
        module = definitions.modules.get(str(each.get("module", "")))
        name = choices.of_module(definitions, module, "label") if module else str(each.get("module", ""))
        return _("%(module)s (if wanted)", module=name) if each.get("optional") else name

    home = definitions.modules.get(made.module)
    said = [_("%(module)s becomes %(targets)s.", module=choices.of_module(definitions, home, "label") if home else made.module,
              targets=_listed(called(each) for each in made.targets))]
    if home is not None and made.when:
        said.append(_("Only where %(condition)s.", condition=criteria_editor.summary(definitions, home, made.when)))
    if along := [definitions.modules[each["module"]] for each in made.carry if each.get("module") in definitions.modules]:
        said.append(_("What goes along: %(modules)s.", modules=_listed(choices.of_module(definitions, each) for each in along)))
    return " ".join(said)


def _imports(definitions: Definitions, made: ImportMap) -> str:
    if made.refuse:
        return _("Files called %(files)s are not taken: %(why)s", files=_listed(made.files),
                 why=choices.of_document(definitions, made, "refuse"))
    home = definitions.modules.get(made.module)
    if home is None:
        return ""
    said = [ngettext("%(n)s column goes into %(module)s.", "%(n)s columns go into %(module)s.", len(made.columns),
                     n=len(made.columns), module=choices.of_module(definitions, home))]
    if made.files:
        said.append(_("For files called %(files)s.", files=_listed(made.files)))
    if made.match:
        match = choices.path_label(definitions, home, made.match)
        said.append({"update": _("A record with the same %(field)s is updated.", field=match),
                     "skip": _("A row whose %(field)s is known is left out.", field=match)}.get(made.on_match, ""))
    return " ".join(each for each in said if each)


def _listed(words: Iterable[str]) -> str:
    """ "Account, Contact and Deal"."""
    *first, last = list(words) or [""]
    return _("%(first)s and %(last)s", first=", ".join(first), last=last) if first else last


SAYS: dict[type[Document], Callable[[Definitions, Any], str]] = {
    DuplicateRule: _duplicates, ConvertMap: _conversion, ImportMap: _imports}
