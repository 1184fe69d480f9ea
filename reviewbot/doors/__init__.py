"""The ways in: they parse input, choose settings, call the pipeline and tell the outcome. No judgement lives here."""
