"""How good a council is, measured: suites of changes whose defects are known, a judge, scores with their intervals."""
