"""The self-hosted service: GitHub's events in, reviews out, and nothing that was acknowledged is lost.

    web        an event is verified, written down, and answered with 202     web, body, connection; pages, markup
    queue      jobs wait in the database, one runs for each pull request     jobs, queue, under_way; store, sqlite
    worker     a job is carried out until it ends or is put off              worker, work, end, lately, pace
    book       what was asked, paid for, answered, and begun on GitHub       book, calls, checks
    lease      who works, and who takes over from the dead                   workers
    sweep      what GitHub could not deliver is fetched, what is old goes    sweep, retention
    processes  what is checked first, where they listen, how they end        serve, mandate, address, database,
                                                                             child, ending, config
    told       to whoever runs it                                            logs, metrics, traces

Processes share nothing but the database: one SQLite file, or PostgreSQL for as many processes as are wanted.
"""
