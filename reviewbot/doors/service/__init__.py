"""The self-hosted service: GitHub's events in, reviews out, and nothing that was acknowledged is lost.

    web       an event is verified, written down, and answered with 202                    (`web`, `inbox`)
    queue     jobs wait in the database, one at a time for each pull request               (`queue`, `store`)
    worker    a job is carried out, its paid answers are remembered, its end is written    (`work`, `book`, `workers`)
    sweep     what GitHub could not deliver is fetched, what is old is deleted             (`sweep`, `retention`)

Processes share nothing but the database: one SQLite file, or PostgreSQL for as many processes as are wanted.
"""
