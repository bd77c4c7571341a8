"""The one expression language: text -> typed tree. What a tree does, in SQL and in Python, is runtime/tables/expressions.py."""
from metadata.expression.check import check
from metadata.expression.errors import ExpressionError
from metadata.expression.facts import depends_on_time, exchanged, names, paths, renamed
from metadata.expression.parser import parse
from metadata.expression.tree import Node
from metadata.expression.types import Scope, Type
from metadata.expression.writer import write

__all__ = ["ExpressionError", "Node", "Scope", "Type", "check", "depends_on_time", "exchanged", "names", "parse", "paths",
           "renamed", "write"]
