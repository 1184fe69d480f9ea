"""The only place that runs a program: git, with fixed flags, in an environment of our own (THREATS S31, S32)."""

DIFF_FLAGS = (
    "--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--full-index", "-M",
    "-O/dev/null", "--submodule=short", "--no-relative", "--ignore-submodules=none", "-U3", "--inter-hunk-context=0",
    "--text",
)
"""How every diff is printed, whatever the user's or the repository's configuration says (THREATS section 4)."""
