"""A hunk as code that parses: what was cut off around it is put back, as far as the brackets tell.

A diff shows three lines around a change, so a hunk often begins or ends inside the arguments of a call. Then a parser
takes `verify=False,` for a statement. Knows only brackets, quotes and line comments, in the form most languages share,
and adds nothing but brackets: the rows of the code stay where they are.
"""

import re

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_TOKEN = re.compile(
    r"""'{3}|"{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|(?:\#|//)[^\n]*|[()\[\]{}]""",
)
_BLANKS = " \t"


def completed(text: str) -> str:
    """The text with `_(` where a call began before it, and closed where one goes on behind it.

    Blocks are left as they are, for parsers make do with a `}` too many or too few. The rows stay the same.
    """
    unopened, open_brackets = _unmatched(text)
    if unopened:
        closing_line = text[text.rfind("\n", 0, unopened[-1]) + 1 :]
        indent = closing_line[: len(closing_line) - len(closing_line.lstrip(_BLANKS))]  # where the statement began
        text = indent + "_(" * len(unopened) + text.lstrip(_BLANKS)
    if open_brackets and open_brackets[-1] != "{":
        text += "".join(_CLOSING[bracket] for bracket in reversed(open_brackets))
    return text


def _unmatched(text: str) -> tuple[list[int], list[str]]:
    """Places of `)` that close a call from before the text, and brackets that are still open at its end."""
    unopened, stack = list[int](), list[str]()
    in_block = False
    for token in _TOKEN.finditer(text):
        bracket = token.group()
        if bracket in _CLOSING:
            stack.append(bracket)
        elif len(bracket) == 1 and bracket in ")]}":
            if stack and _CLOSING[stack[-1]] == bracket:
                stack.pop()
            elif not stack and bracket == ")" and not in_block:
                unopened.append(token.start())
            else:
                in_block = True
    return unopened, stack
