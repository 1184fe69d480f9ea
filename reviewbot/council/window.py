"""How many tokens a vendor's model holds, prompt and answer together. From the price list, which knows that too."""


def context_window(member: str) -> int | None:
    """By PROVIDER/MODEL; None where the list does not know the model."""
    from genai_prices.data_snapshot import get_snapshot  # noqa: PLC0415  0.15 s, paid only where a model sits

    vendor, _, model = member.partition("/")
    try:
        return get_snapshot().find_provider_model(model, None, vendor, None)[1].context_window
    except LookupError:
        return None
