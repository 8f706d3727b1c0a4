"""Benchmarks: `make bench` measures the site and writes docs/benchmarks.md.

market.py      the vocabulary: roles, skills, sentences          generator.py   generates N offers from it, by seed
database.py    loads the offers into a separate database         indexing.py    builds the index, times an edit
alerts.py      times a run of 100,000 alerts                     edits.py       edits offers during a measurement
cases.py       the requests of each case                         client.py      sends them over keep-alive connections
bare.py        the bare Django view, the unit of measurement     serving.py     measures case by case
profile.py     splits the time of a request                      targets.py     targets and verdicts
report.py      writes docs/benchmarks.md                         chart.py       draws its chart
"""
