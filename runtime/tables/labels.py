"""Labels: what modules and fields are called in the language of the moment, for sentences."""
from metadata.model.field import Field
from metadata.model.module import Module
from metadata.model.role import Role
from runtime.locale import text
from runtime.locale.text import _
from runtime.tables import published


def of_module(module: Module) -> str:
    """Within a sentence: "this Deal", "giao dịch này" (Vietnamese writes it small)."""
    return _within(title(module))


def title(module: Module) -> str:
    """By itself, or at the beginning of a sentence."""
    return _said(f"modules.{module.name}.label", module.label)


def of_modules(module: Module) -> str:
    """Many of them, within a sentence."""
    return _within(_said(f"modules.{module.name}.plural", module.plural))


def of_field(module: Module, field: Field) -> str:
    """The house's own fields are words of the code."""
    if field.system:
        return {"id": _("Record id"), "owner": _("Owner"), "created_at": _("Created"), "created_by": _("Created by"),
                "updated_at": _("Changed"), "updated_by": _("Changed by"), "name": _("Name"), "email": _("Email"),
                "active": _("Active")}.get(field.name, field.label)
    return _said(f"modules.{module.name}.fields.{field.name}.label", field.label)


def of_choice(module: Module, field: Field, value: str, default: str) -> str:
    return _said(f"modules.{module.name}.fields.{field.name}.choices.{value}", default)


def of_role(role: Role) -> str:
    return _said(f"roles.{role.name}.label", role.label)


def of_part(part: str) -> str:
    """A part of a field: the currency of an amount, the city of an address."""
    return {"currency": _("Currency"), "home": _("In the home currency"), "street": _("Street"), "city": _("City"),
            "state": _("State or province"), "code": _("Postal code"), "country": _("Country"),
            "name": _("Name")}.get(part, part.capitalize())


def _said(path: str, default: str) -> str:
    return published.current().label(path, text.language(), default)


def _within(label: str) -> str:
    return label if text.language() == text.SOURCE else label[:1].lower() + label[1:]
