"""The way to a service and back: one session, and the download of one file.

`session` asks and answers, `download` brings one file that can be trusted, `login` finds the
account. `requests` and what it raises stay inside this room.
"""
