"""Benchmarks: `make bench`, described in docs/benchmarks.md, which a run writes.

market.py      the words: roles, skills, sentences of our own        generator.py   N offers made of them, seeded
database.py    puts them into a database of their own                indexing.py    builds the index, times an edit
alerts.py      times a morning's run of 100,000 alerts
cases.py       what visitors ask for                                 client.py      asks, over kept-alive connections
bare.py        the Django view that everything is measured against   serving.py     the measurement, case by case
targets.py     what is to be reached                                 report.py      docs/benchmarks.md and its chart
"""
