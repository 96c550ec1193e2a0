"""Speed of all-pairs matching against other libraries: `python -m bench.speed --help`."""
