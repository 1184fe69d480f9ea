"""Around each line stand the right functions and classes, by grammar or by indentation, and no file makes that slow."""

import time

import pytest

from reviewbot.change.syntax import MAX_BYTES, Block, blocks_at

PYTHON = """\
@frozen
class A(B):
    limit = 1

    @cached
    def f(
        self,
    ):
        x = 1
        return x

outside = 2
"""
TYPESCRIPT = """\
export class A {
  held = () => {
    y;
  };
  m(a: B): C {
    return 1;
  }
}
export const f = async (a) => {
  z;
};
describe("it", () => {
  q;
});
"""
GO = "package a\n\nfunc (s *S) F(x int) error {\n\treturn nil\n}\n\ntype T struct {\n\tA int\n}\n"
JAVA = "class A {\n  @Override\n  public int f(int x) {\n    return 1;\n  }\n}\n"
RUBY = "module M\n  class A\n    def self.f(x)\n      1\n    end\n  end\nend\n"
RUST = "impl A {\n    pub fn f(x: i32) -> i32 {\n        let y = x;\n\n        y\n    }\n}\n\nstatic G: i32 = 1;\n"
C = "static int f(int a)\n{\n    if (a) {\n        return a;\n    }\n}\nint g;\n"
A, F = Block("A", 1, 2, 10), Block("f", 5, 8, 10)


@pytest.mark.parametrize(
    ("path", "text", "line", "blocks"),
    [
        ("a.py", PYTHON, 3, [A]),
        ("a.py", PYTHON, 5, [A, F]),
        ("a.py", PYTHON, 9, [A, F]),
        ("a.py", PYTHON, 12, []),
        ("a.ts", TYPESCRIPT, 3, [Block("A", 1, 1, 8), Block("held", 2, 2, 4)]),
        ("a.ts", TYPESCRIPT, 6, [Block("A", 1, 1, 8), Block("m", 5, 5, 7)]),
        ("a.tsx", TYPESCRIPT, 10, [Block("f", 9, 9, 11)]),
        ("a.js", TYPESCRIPT, 13, []),
        ("a.go", GO, 4, [Block("F", 3, 3, 5)]),
        ("a.go", GO, 8, [Block("T", 7, 7, 9)]),
        ("a.java", JAVA, 4, [Block("A", 1, 1, 6), Block("f", 2, 3, 5)]),
        ("a.rb", RUBY, 4, [Block("M", 1, 1, 7), Block("A", 2, 2, 6), Block("f", 3, 3, 5)]),
        ("a.rs", RUST, 5, [Block("f", 2, 2, 6)]),
        ("a.rs", RUST, 9, []),
        ("a.py", PYTHON, 99, []),
        ("a.rs", RUST, 99, []),
        ("a.py", "", 1, []),
    ],
)
def test_what_stands_around_a_line(path: str, text: str, line: int, blocks: list[Block]):
    assert list(blocks_at(path, text, [line])[line]) == blocks


def test_a_file_too_large_to_parse_is_read_by_its_indentation():
    text = PYTHON + "x = 1\n" * (MAX_BYTES // 6)
    assert [block.name for block in blocks_at("a.py", text, [9])[9]] == ["A", "f"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "x = (\n" + "(\n" * 30_000),
        ("a.py", "x = " + "+\\\n".join(["a"] * 10_000)),
        ("a.py", ("(" * 900 + "\n") * 100),
        ("a.js", "function f(){\n" * 5_000),
        ("a.js", "!\n" * 45_000),
        ("a.py", "".join(" " * min(depth, 500) + "if a:\n" for depth in range(300))),
        ("a.rs", "fn f() {\n" * 10_000),
    ],
)
def test_no_file_is_slow_to_look_at(path: str, text: str):
    lines = text.count("\n")
    began = time.process_time()
    blocks_at(path, text, range(1, lines, max(1, lines // 20)))
    assert time.process_time() - began < 1.5
