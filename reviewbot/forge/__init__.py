"""GitHub: what is read from it, what is posted to it, and how that is done once.

`port` says what reviewbot needs of a forge and `model` in which words; `github` is the only module that knows PyGithub.
"""
