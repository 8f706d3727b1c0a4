"""Understanding of the search box: conditions (place, contract, pay, …) and words, by rules and data.

tokens.py       the text as tokens, each free or taken by a condition
quantities.py   pay, years of experience, days of remote work, age of the offer, distance
phrases.py      `data/phrases.toml`: contracts, levels, remote work, employers, languages
locations.py    places, with the gazetteer and `data/locations.toml`
names.py        names of skills and employers, whose words are no conditions
reading.py      `understand`, which applies all of them
"""
