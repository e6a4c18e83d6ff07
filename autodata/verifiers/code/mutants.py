"""Small mistakes put into a program, one at a time: tests that notice few of them are worth little."""

import ast
from collections.abc import Iterator
from typing import Any

MOST = 24
"""Mutants of a program that are tried; of more, every n-th is taken."""

_SWAPS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitXor: (ast.BitAnd,),
} | {
    one: (other,)
    for pair in (
        (ast.Eq, ast.NotEq),
        (ast.In, ast.NotIn),
        (ast.Is, ast.IsNot),
        (ast.Add, ast.Sub),
        (ast.And, ast.Or),
        (ast.BitAnd, ast.BitOr),
        (ast.LShift, ast.RShift),
    )
    for one, other in (pair, pair[::-1])
}


def mutants(program: str) -> list[str]:
    """Versions of a program that differ in one operator, number, condition or returned value."""
    tree = ast.parse(program)
    unchanged = ast.unparse(tree)
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        for field, value in _changes(node):
            before = getattr(node, field)
            setattr(node, field, value)
            found.setdefault(ast.unparse(ast.fix_missing_locations(tree)))
            setattr(node, field, before)
    found.pop(unchanged, None)
    every = list(found)
    return [every[at * len(every) // MOST] for at in range(MOST)] if len(every) > MOST else every


def _changes(node: ast.AST) -> Iterator[tuple[str, Any]]:
    """Each field of a node that can be got wrong, and what it becomes."""
    match node:
        case ast.Compare(ops=[first, *rest]):
            for other in _SWAPS.get(type(first), ()):
                yield "ops", [other(), *rest]
        case ast.BinOp(op=op) | ast.AugAssign(op=op) | ast.BoolOp(op=op):
            for other in _SWAPS.get(type(op), ()):
                yield "op", other()
        case ast.If(test=test) | ast.IfExp(test=test):
            yield "test", ast.UnaryOp(ast.Not(), test)
        case ast.Constant(value=bool(value)):
            yield "value", not value
        case ast.Constant(value=int() | float() as value):
            yield "value", value + 1
        case ast.Return(value=ast.AST()):
            yield "value", ast.Constant(None)
