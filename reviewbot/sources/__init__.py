"""Where a change comes from when no forge is asked: a git work tree, or a patch file."""
