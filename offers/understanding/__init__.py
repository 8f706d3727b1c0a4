"""Understanding of the search box: conditions (place, contract, pay, …) and words, by rules and data.

tokens.py       the text as tokens, each free or taken by a condition
patterns.py     parts of regular expressions, for
pay.py          salaries and daily rates, and
durations.py    years of experience, days of remote work, age of offers, distances
phrases.py      `data/phrases.toml`: contracts, levels, remote work, employers, languages
locations.py    names of places, with the gazetteer; codes.py: postal codes and departments
place_rules.py  `data/locations.toml`: when a name is a place
names.py        names of skills and employers, whose words are no conditions
reading.py      `understand`, which applies all of them
"""
