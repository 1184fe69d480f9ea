"""One small module a member, chosen from a plain dict. A module opens a connection and asks; it retries nothing.

Importing this costs no SDK: each module imports its vendor's when a member of it is seated.
"""
